using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace MiniMind.Extensions.AI;

/// <summary>What is sent for one sample of a problem, and its key.</summary>
internal sealed record TeacherRequest(IReadOnlyList<ExampleTurn> Turns, ChatOptions Options, LedgerKey Key, int Sample)
{
    /// <summary>Makes the requests of a problem.</summary>
    public static TeacherRequest Create(string teacher, HarvestOptions options, HarvestProblem problem, int sample)
    {
        List<ExampleTurn> turns = [];
        if (!string.IsNullOrEmpty(options.SystemPrompt))
            turns.Add(new ExampleTurn("system", options.SystemPrompt));
        turns.AddRange(options.FewShot.Select(turn => new ExampleTurn(turn.Role, WithReasoning(turn))));
        turns.AddRange(problem.Turns.Select(turn => new ExampleTurn(turn.Role, WithoutReasoning(turn))));
        var chat = options.Chat.Clone();
        if (chat.Seed is { } seed)
            chat.Seed = unchecked(seed + sample);
        return new TeacherRequest(turns, chat, LedgerKey.Of(teacher, Canonical(turns, chat), sample.ToString(CultureInfo.InvariantCulture)), sample);
    }

    /// <summary>The messages, newly made because clients may change them.</summary>
    public List<ChatMessage> ToMessages() => [.. Turns.Select(turn => new ChatMessage(new ChatRole(turn.Role), turn.Content))];

    /// <summary>Examples show reasoning where they have it.</summary>
    private static string WithReasoning(ChatTurn turn) =>
        turn.ReasoningContent is { Length: > 0 } reasoning ? ReasoningReply.Compose(reasoning, turn.Content) : turn.Content;

    /// <summary>What models thought in earlier turns is not sent back to them, as their makers ask.</summary>
    private static string WithoutReasoning(ChatTurn turn)
    {
        if (turn.Role != "assistant" || !turn.Content.Contains(ReasoningTags.EndThink, StringComparison.Ordinal))
            return turn.Content;
        return turn.Content[(turn.Content.LastIndexOf(ReasoningTags.EndThink, StringComparison.Ordinal) + ReasoningTags.EndThink.Length)..].Trim();
    }

    /// <summary>All that decides what a teacher replies, always written alike.</summary>
    private static string Canonical(IEnumerable<ExampleTurn> turns, ChatOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var turn in turns)
            {
                json.WriteStringValue(turn.Role);
                json.WriteStringValue(turn.Content);
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n" + ChatOptionsText.Of(options);
    }
}
