using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace MiniMind.Training;

/// <summary>Reads one row of data, which is a JSON object; every fault is a <see cref="DatasetException"/> with its place.</summary>
internal sealed class ConversationParser(ConversationReaderOptions options)
{
    /// <summary>What nobody reads may be nested deeper than .NET's default.</summary>
    private const int Depth = 1000;

    private static readonly string[] TurnKeys = ["conversations", "messages"];

    private readonly DatasetColumns _columns = options.Columns;
    private readonly ColumnRow _columnRow = new(options.Columns, options.EmptyReplies);

    /// <summary>The conversation of a row.</summary>
    public Conversation Parse(ReadOnlySpan<byte> json, RowPlace place)
    {
        var (turns, tools) = Read(json, place, []);
        return new Conversation(turns) { Tools = tools, File = place.File, Line = place.Number, IsElement = place.IsElement };
    }

    /// <summary>Checks a row as <see cref="Parse"/> does, mostly without making strings of it.</summary>
    public void Validate(in TextLine row, RowPlace place)
    {
        RejectTooLong(row, place);
        Read(row.Bytes.Span, place, null);
    }

    public void RejectTooLong(in TextLine row, RowPlace place)
    {
        if (row.TooLong)
            throw new DatasetException(
                string.Create(CultureInfo.InvariantCulture, $"the {place.Unit} has {row.Length} bytes; expected at most {options.MaxLineBytes} (MaxLineBytes)"),
                place);
    }

    private (List<ChatTurn> Turns, IReadOnlyList<string> Tools) Read(ReadOnlySpan<byte> json, RowPlace place, List<ChatTurn>? turns)
    {
        IReadOnlyList<string> tools = [];
        var reader = NewReader(json);
        try
        {
            var problem = ReadRoot(ref reader, json, ref turns, ref tools, place.Unit);
            if (problem is null && turns is not null && options is { ConsecutiveTurns: ConsecutiveTurnsPolicy.Merge, Roles: RolePolicy.Declared })
                (turns, problem) = TurnRules.Merge(turns);
            return problem is null ? (turns ?? [], tools) : throw new DatasetException(problem, place);
        }
        catch (JsonException e)
        {
            if (!Utf8.IsValid(json))
                throw new DatasetException(InvalidText.Utf8(json, 0, place.Unit), place, e);
            var reason = e.Message.Split(" LineNumber:", 2)[0].TrimEnd('.');
            var isCut = reason.StartsWith("Expected depth to be zero", StringComparison.Ordinal) && !place.IsElement;
            throw new DatasetException(
                Invariant($"bad JSON at byte {PositionOf(e, json)} of the {place.Unit}: {reason}; expected one JSON object with \"conversations\"{(isCut ? ", whole in this line (a file may also be one JSON array, over any number of lines)" : string.Empty)}"),
                place,
                e);
        }
        catch (InvalidOperationException e)
        {
            // The reader's only complaints about well-formed JSON.
            throw new DatasetException(InvalidText.Of(reader, json, place.Unit), place, e);
        }
    }

    private static Utf8JsonReader NewReader(ReadOnlySpan<byte> json) => new(json, new JsonReaderOptions { MaxDepth = Depth });

    /// <summary>The byte in the row, of which an element may have several lines.</summary>
    private static long PositionOf(JsonException e, ReadOnlySpan<byte> json)
    {
        var start = 0;
        for (var line = e.LineNumber ?? 0; line > 0 && json[start..].IndexOf((byte)'\n') is >= 0 and var end; line--)
            start += end + 1;
        return start + (e.BytePositionInLine ?? 0) + 1;
    }

    private string? ReadRoot(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref List<ChatTurn>? turns, ref IReadOnlyList<string> tools, string unit)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            var found = JsonKind.Name(reader.TokenType);
            reader.Skip();
            reader.Read();
            return $"the {unit} is {found}; expected an object with \"conversations\"";
        }

        // Named columns say that the row's list of turns, if there is one, is not meant.
        var takesTurns = _columns.Question is null;
        string? seen = null, isNull = null;
        var (hasMore, hasTools) = (false, false);
        var toolsKey = _columns.Tools ?? ToolParser.Key;
        var order = new RoleOrder(options.ConsecutiveTurns);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (takesTurns && TurnKey(ref reader) is { } key)
            {
                if (seen == key)
                    return $"\"{key}\" is given twice; expected it once";
                reader.Read();
                if (reader.TokenType == JsonTokenType.Null && _columns.Turns is null)
                {
                    isNull = key;
                    continue;
                }

                if (seen is not null)
                    return $"\"{seen}\" and \"{key}\" are both there; expected one of them, or Columns.Turns to name the one to read";
                seen = key;
                if (ReadConversation(ref reader, key, turns, ref order) is { } problem)
                    return problem;
            }
            else if (toolsKey.Length > 0 && JsonName.Is(ref reader, toolsKey))
            {
                if (hasTools)
                    return $"\"{toolsKey}\" is given twice; expected it once";
                hasTools = true;
                (tools, var fault) = ToolParser.ReadTools(ref reader, toolsKey);
                if (fault is not null)
                    return fault;
            }
            else
            {
                hasMore |= _columnRow.IsBesideTurns(ref reader);
                reader.Skip();
            }
        }

        reader.Read();
        if (seen is null && isNull is not null && !hasMore)
            return $"\"{isNull}\" is null; expected an array of turns";
        if (seen is not null && !hasMore)
            return options.Roles == RolePolicy.Declared ? order.End() : null;
        if (seen is not null && turns is null)
        {
            // What stands beside the list belongs to it, which only its texts tell.
            turns = [];
            reader = NewReader(json);
            return ReadRoot(ref reader, json, ref turns, ref tools, unit);
        }

        var again = NewReader(json);
        using var document = JsonDocument.ParseValue(ref again);
        if (seen is not null)
            return _columnRow.Complete(document.RootElement, turns!, options.Roles == RolePolicy.Declared ? order : null);
        if (_columns.Turns is { Length: > 0 } named && takesTurns)
            return ColumnRow.Missing(document.RootElement, named, nameof(_columns.Turns));
        var (read, rowFault) = _columnRow.Read(document.RootElement);
        turns?.AddRange(read ?? []);
        return rowFault;
    }

    private string? TurnKey(ref Utf8JsonReader reader)
    {
        if (_columns.Turns is { } named)
            return JsonName.Is(ref reader, named) ? named : null;
        foreach (var key in TurnKeys)
            if (JsonName.Is(ref reader, key))
                return key;
        return null;
    }

    private string? ReadConversation(ref Utf8JsonReader reader, string key, List<ChatTurn>? turns, ref RoleOrder order)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return $"\"{key}\" is {JsonKind.Name(reader.TokenType)}; expected an array of turns";
        var index = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            string? role = null;
            var positionRole = options.Roles == RolePolicy.ByPosition ? RoleOrder.AtPosition(index) : null;
            var fault = reader.TokenType switch
            {
                JsonTokenType.StartObject => TurnParser.Read(ref reader, positionRole, options.EmptyReplies, turns, out role),
                // Who names the list says that its texts are turns; nothing but their places tells whose.
                JsonTokenType.String when _columns.Turns is not null => TurnParser.ReadText(ref reader, role = RoleOrder.AtPosition(index), options.EmptyReplies, turns),
                var other => $"is {JsonKind.Name(other)}; expected an object with \"role\" and \"content\"",
            };
            index++;
            fault ??= options.Roles == RolePolicy.Declared ? order.Next(role!) : null;
            if (fault is not null)
                return Invariant($"turn {index} {fault}");
        }

        return index == 0 ? order.End() : null;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
