using System.Buffers;
using System.Text;

namespace MiniMind.Training;

/// <summary>Tells whether a reply says anything.</summary>
internal static class EmptyReply
{
    public const string Problem = "is an assistant's and says nothing; expected a reply (EmptyReplies.Teach learns it all the same)";

    private static readonly byte[][] Tags = [.. ReasoningTags.All.Concat(ThoughtMarks.All).Select(Encoding.UTF8.GetBytes)];

    /// <summary>Whether a turn is the assistant's and neither reasons, nor says, nor calls anything.</summary>
    public static bool Is(ChatTurn turn) =>
        turn.Role == RoleOrder.Assistant && turn.ToolCalls.Count == 0 && string.IsNullOrWhiteSpace(turn.ReasoningContent) && Is(turn.Content);

    /// <summary>Whether there is nothing but white space and tags of reasoning and answers.</summary>
    public static bool Is(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            if (text[0] == '<' && TagAt(text) is { } tag)
                text = text[tag.Length..];
            else if (Rune.DecodeFromUtf8(text, out var rune, out var bytes) == OperationStatus.Done && Rune.IsWhiteSpace(rune))
                text = text[bytes..];
            else
                return false;
        }

        return true;
    }

    /// <inheritdoc cref="Is(ReadOnlySpan{byte})"/>
    public static bool Is(string text) => (text.Length == 0 || text[0] == '<' || char.IsWhiteSpace(text[0])) && Is(Encoding.UTF8.GetBytes(text));

    private static byte[]? TagAt(ReadOnlySpan<byte> text)
    {
        foreach (var tag in Tags)
            if (text.StartsWith(tag))
                return tag;
        return null;
    }
}
