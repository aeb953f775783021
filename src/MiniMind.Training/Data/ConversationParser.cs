using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace MiniMind.Training;

/// <summary>Reads one JSONL line; every fault is a <see cref="DatasetException"/> with the file and the line.</summary>
internal sealed class ConversationParser(RolePolicy roles, int maxLineBytes)
{
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
            if (ReadRoot(ref reader, turns) is { } problem)
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

    private string? ReadRoot(ref Utf8JsonReader reader, List<ChatTurn>? turns)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            var found = Name(reader.TokenType);
            reader.Skip();
            reader.Read();
            return $"the line is {found}; expected an object with \"conversations\"";
        }
        var seen = false;
        string? problem = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("conversations"u8))
            {
                reader.Skip();
                continue;
            }
            if (seen)
                return "\"conversations\" is given twice; expected it once";
            seen = true;
            problem = ReadConversation(ref reader, turns);
            if (problem is not null)
                return problem;
        }
        reader.Read();
        return seen ? null : "\"conversations\" is missing; expected an array of turns";
    }

    private string? ReadConversation(ref Utf8JsonReader reader, List<ChatTurn>? turns)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            return $"\"conversations\" is {Name(reader.TokenType)}; expected an array of turns";
        var order = new RoleOrder();
        var index = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var fault = reader.TokenType == JsonTokenType.StartObject
                ? ReadTurn(ref reader, index, turns, out var role) ?? (roles == RolePolicy.Declared ? order.Next(role!) : null)
                : $"is {Name(reader.TokenType)}; expected an object with \"role\" and \"content\"";
            index++;
            if (fault is not null)
                return Invariant($"turn {index} {fault}");
        }
        return index == 0 || roles == RolePolicy.Declared ? order.End() : null;
    }

    private string? ReadTurn(ref Utf8JsonReader reader, int index, List<ChatTurn>? turns, out string? role)
    {
        role = roles == RolePolicy.ByPosition ? RoleOrder.AtPosition(index) : null;
        string? content = null;
        string? reasoning = null;
        bool hasRole = false, hasContent = false, hasReasoning = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string? fault = null;
            if (roles == RolePolicy.Declared && reader.ValueTextEquals("role"u8))
                fault = Once(ref hasRole, "role") ?? ReadRole(ref reader, out role);
            else if (reader.ValueTextEquals("content"u8))
                fault = Once(ref hasContent, "content") ?? ReadText(ref reader, "content", turns is not null, false, out content);
            else if (reader.ValueTextEquals("reasoning_content"u8))
                fault = Once(ref hasReasoning, "reasoning_content")
                    ?? ReadText(ref reader, "reasoning_content", turns is not null, true, out reasoning);
            else
                reader.Skip();
            if (fault is not null)
                return fault;
        }
        if (role is null)
            return "has no \"role\"; expected \"system\", \"user\" or \"assistant\"";
        if (!hasContent)
            return "has no \"content\"; expected a string";
        turns?.Add(new ChatTurn(role, content!) { ReasoningContent = reasoning });
        return null;
    }

    private static string? Once(ref bool seen, string key)
    {
        if (seen)
            return $"has \"{key}\" twice; expected it once";
        seen = true;
        return null;
    }

    private static string? ReadRole(ref Utf8JsonReader reader, out string? role)
    {
        reader.Read();
        role = null;
        if (reader.TokenType != JsonTokenType.String)
            return $"has a \"role\" that is {Name(reader.TokenType)}; expected a string";
        role = reader.ValueTextEquals("user"u8) ? RoleOrder.User
            : reader.ValueTextEquals("assistant"u8) ? RoleOrder.Assistant
            : reader.ValueTextEquals("system"u8) ? RoleOrder.System
            : reader.GetString();
        return null;
    }

    private static string? ReadText(ref Utf8JsonReader reader, string key, bool keep, bool orNull, out string? text)
    {
        reader.Read();
        text = null;
        if (orNull && reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.String)
            return $"has a \"{key}\" that is {Name(reader.TokenType)}; expected a string";
        if (keep || reader.ValueIsEscaped)
            text = reader.GetString();
        return null;
    }

    private static string Name(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };

    private static string FirstInvalidByte(ReadOnlySpan<byte> bytes)
    {
        var position = 0;
        while (Rune.DecodeFromUtf8(bytes[position..], out _, out var consumed) == System.Buffers.OperationStatus.Done)
            position += consumed;
        return Invariant($"{position + 1}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
