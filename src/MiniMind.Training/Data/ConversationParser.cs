using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace MiniMind.Training;

/// <summary>Reads one JSONL line; every fault is a <see cref="DatasetException"/> with the file and the line.</summary>
internal sealed class ConversationParser(RolePolicy roles, int maxLineBytes, DatasetColumns columns)
{
    private readonly ColumnRow _columns = new(columns);

    /// <summary>The turns of a line.</summary>
    public List<ChatTurn> Parse(ReadOnlySpan<byte> json, string? file, long line)
    {
        var turns = new List<ChatTurn>();
        Read(json, file, line, turns);
        return turns;
    }

    /// <summary>Checks a line as <see cref="Parse"/> does, without making strings of it.</summary>
    public void Validate(in TextLine line, string? file)
    {
        RejectTooLong(line, file);
        Read(line.Bytes.Span, file, line.Number, null);
    }

    public void RejectTooLong(in TextLine line, string? file)
    {
        if (line.TooLong)
            throw new DatasetException(
                string.Create(CultureInfo.InvariantCulture, $"the line has {line.Length} bytes; expected at most {maxLineBytes} (MaxLineBytes)"),
                file,
                line.Number);
    }

    private void Read(ReadOnlySpan<byte> json, string? file, long line, List<ChatTurn>? turns)
    {
        if (!Utf8.IsValid(json))
            throw new DatasetException($"invalid UTF-8 at byte {FirstInvalidByte(json)} of the line; expected UTF-8 text", file, line);
        var reader = new Utf8JsonReader(json);
        try
        {
            if (ReadRoot(ref reader, json, turns) is { } problem)
                throw new DatasetException(problem, file, line);
        }
        catch (JsonException e)
        {
            var reason = e.Message.Split(" LineNumber:", 2)[0].TrimEnd('.');
            var position = Invariant($"{e.BytePositionInLine + 1}");
            throw new DatasetException(
                $"bad JSON at byte {position} of the line: {reason}; expected one JSON object with \"conversations\"", file, line, e);
        }
        catch (InvalidOperationException e)
        {
            // The reader's only complaint about well-formed JSON: \uD800 without its other half.
            var position = Invariant($"{reader.TokenStartIndex + 1}");
            throw new DatasetException(
                $"the text at byte {position} of the line holds half a surrogate pair; expected whole characters", file, line, e);
        }
    }

    private string? ReadRoot(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, List<ChatTurn>? turns)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            var found = JsonKind.Name(reader.TokenType);
            reader.Skip();
            reader.Read();
            return $"the line is {found}; expected an object with \"conversations\"";
        }

        string? seen = null, system = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("system"u8))
                system = Text(ref reader);
            else if ((reader.ValueTextEquals("conversations"u8) ? "conversations" : reader.ValueTextEquals("messages"u8) ? "messages" : null) is { } key)
            {
                if (seen is not null)
                    return seen == key ? $"\"{key}\" is given twice; expected it once" : $"\"{seen}\" and \"{key}\" are both there; expected one of them";
                seen = key;
                if (ReadConversation(ref reader, key, turns) is { } problem)
                    return problem;
            }
            else
                reader.Skip();
        }

        reader.Read();
        if (seen is null)
            return ReadColumns(json, turns);
        // ShareGPT's column of that name.
        if (!string.IsNullOrWhiteSpace(system) && turns is [{ Role: not RoleOrder.System }, ..])
            turns.Insert(0, new ChatTurn(RoleOrder.System, system));
        return null;
    }

    private string? ReadColumns(ReadOnlySpan<byte> json, List<ChatTurn>? turns)
    {
        var reader = new Utf8JsonReader(json);
        using var document = JsonDocument.ParseValue(ref reader);
        var (read, fault) = _columns.Read(document.RootElement);
        if (read is not null)
            turns?.AddRange(read);
        return fault;
    }

    private string? ReadConversation(ref Utf8JsonReader reader, string key, List<ChatTurn>? turns)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            return $"\"{key}\" is {JsonKind.Name(reader.TokenType)}; expected an array of turns";
        var order = new RoleOrder();
        var index = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            string? role = null;
            var fault = reader.TokenType == JsonTokenType.StartObject
                ? TurnParser.Read(ref reader, roles == RolePolicy.ByPosition ? RoleOrder.AtPosition(index) : null, turns, out role)
                    ?? (roles == RolePolicy.Declared ? order.Next(role!) : null)
                : $"is {JsonKind.Name(reader.TokenType)}; expected an object with \"role\" and \"content\"";
            index++;
            if (fault is not null)
                return Invariant($"turn {index} {fault}");
        }

        return index == 0 || roles == RolePolicy.Declared ? order.End() : null;
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString();
        reader.Skip();
        return null;
    }

    private static string FirstInvalidByte(ReadOnlySpan<byte> bytes)
    {
        var position = 0;
        while (Rune.DecodeFromUtf8(bytes[position..], out _, out var consumed) == System.Buffers.OperationStatus.Done)
            position += consumed;
        return Invariant($"{position + 1}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
