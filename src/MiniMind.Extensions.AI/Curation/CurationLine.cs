using System.Text.Json;
using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>One line of data, and what filters found out about it alone.</summary>
internal sealed class CurationLine
{
    public required string File { get; init; }

    public required long Number { get; init; }

    public required LineSpan Span { get; init; }

    public required IReadOnlyList<ChatTurn> Turns { get; init; }

    public required ExampleSource? Source { get; init; }

    /// <summary>The filter that took it, and why; none while it is in.</summary>
    public (string Filter, string Reason)? Taken { get; private set; }

    /// <summary>Hash of its words in the scope of exact duplicates.</summary>
    public LedgerKey Text { get; set; }

    /// <summary>Keys for near duplicates.</summary>
    public ulong[]? Keys { get; set; }

    /// <summary>Tokens of the reasoning, or its characters without a tokenizer.</summary>
    public int ReasoningLength { get; set; }

    public string Question => string.Join('\n', Turns.Where(t => t.Role == "user").Select(t => t.Content));

    public string Conversation => string.Join('\n', Turns.Select(t => t.ReasoningContent is null ? t.Content : $"{t.ReasoningContent}\n{t.Content}"));

    public ChatTurn? LastReply => Turns.LastOrDefault(t => t.Role == "assistant");

    public string TextOf(CurationScope scope) => scope == CurationScope.Question ? Question : Conversation;

    public void Take(string filter, string reason) => Taken ??= (filter, reason);

    /// <summary>Reads a line.</summary>
    /// <exception cref="DatasetException">It is no conversation; file and line are named.</exception>
    public static CurationLine Parse(ConversationParser parser, ReadOnlySpan<byte> bytes, string file, long number, LineSpan span) => new()
    {
        File = file,
        Number = number,
        Span = span,
        Turns = parser.Parse(bytes, new RowPlace(file, number)).Turns,
        Source = ReadSource(bytes),
    };

    /// <summary>A source that a harvest has written; of anything else under that name nothing is known.</summary>
    private static ExampleSource? ReadSource(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("source"u8))
            {
                reader.Skip();
                continue;
            }

            try
            {
                reader.Read();
                return reader.TokenType == JsonTokenType.StartObject ? JsonSerializer.Deserialize(ref reader, ExampleJson.Lines.ExampleSource) : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }

        return null;
    }
}
