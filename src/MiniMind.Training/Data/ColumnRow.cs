using System.Text.Json;

namespace MiniMind.Training;

/// <summary>A row without a list of turns: question, reasoning and answer stand in columns of their own, as in Alpaca, GSM8K, MetaMath and most sets of reasoning.</summary>
internal sealed class ColumnRow(DatasetColumns columns)
{
    private const string AnswerMark = "####";

    private static readonly string[] Questions = ["question", "problem", "prompt", "query", "instruction"];
    private static readonly string[] Continuations = ["input", "context"];
    private static readonly string[] Reasonings = ["reasoning", "reasoning_content", "thinking", "thought", "rationale", "cot", "chain_of_thought"];
    private static readonly string[] Answers = ["answer", "response", "output", "solution", "completion", "target"];
    private static readonly string[] Switches = ["on", "off", "true", "false", "yes", "no"];

    private static readonly string Expected =
        "expected turns (\"conversations\" or \"messages\"), or one column for the question and one for the answer, which Columns can name";

    /// <summary>The turns of a row, or what is wrong with it.</summary>
    public (List<ChatTurn>? Turns, string? Fault) Read(JsonElement row)
    {
        var (question, questionFault) = Find(row, columns.Question, Questions, nameof(columns.Question));
        var (answer, answerFault) = Find(row, columns.Answer, Answers, nameof(columns.Answer));
        var (reasoning, reasoningFault) = Find(row, columns.Reasoning, Reasonings, nameof(columns.Reasoning));
        var (system, systemFault) = Find(row, columns.System, ["system"], nameof(columns.System));
        if ((questionFault ?? answerFault ?? reasoningFault ?? systemFault) is { } fault)
            return (null, fault);
        // Firefly's rows have an input and a target.
        question ??= columns.Question is null && answer is not null ? Text(row, "input") : null;
        if (question is null || answer is null)
            return (null, $"{(question is null ? "no question" : "no answer")} is there, only {Keys(row)}; {Expected}");
        if (reasoning is not null && Switches.Contains(reasoning.Trim().ToLowerInvariant()))
            return (null, $"the reasoning column says {MessageText.Quoted(reasoning)}, which is a switch and no reasoning; expected Columns.Reasoning to name the column that holds it");
        if (columns.Question is null)
            foreach (var more in Continuations.Select(key => Text(row, key)).Where(text => !string.IsNullOrWhiteSpace(text) && text != question))
                question = $"{question}\n\n{more}";
        if (reasoning is null && answer.LastIndexOf(AnswerMark, StringComparison.Ordinal) is > 0 and var mark)
            (reasoning, answer) = (answer[..mark].Trim(), answer[(mark + AnswerMark.Length)..].Trim());
        if (string.IsNullOrWhiteSpace(answer))
            return (null, "the answer is empty; expected text to learn");
        List<ChatTurn> turns = string.IsNullOrWhiteSpace(system) ? [] : [new ChatTurn(RoleOrder.System, system)];
        turns.Add(new ChatTurn(RoleOrder.User, question));
        turns.Add(new ChatTurn(RoleOrder.Assistant, answer) { ReasoningContent = string.IsNullOrWhiteSpace(reasoning) ? null : reasoning });
        return (turns, null);
    }

    private static (string? Text, string? Fault) Find(JsonElement row, string? named, string[] usual, string option)
    {
        if (named is not null)
            return Text(row, named) is { } text ? (text, null) : (null, $"the column {MessageText.Quoted(named)} (Columns.{option}) is no text or not there, only {Keys(row)}");
        var found = usual.Where(key => !string.IsNullOrWhiteSpace(Text(row, key))).ToList();
        return found.Count > 1
            ? (null, $"{string.Join(" and ", found.Select(MessageText.Quoted))} are both there; expected Columns.{option} to name the one to read")
            : (found.Count == 0 ? null : Text(row, found[0]), null);
    }

    private static string? Text(JsonElement row, string key) =>
        row.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Keys(JsonElement row)
    {
        const int most = 12;
        var keys = row.EnumerateObject().Select(p => MessageText.Quoted(p.Name)).Take(most + 1).ToList();
        return keys.Count == 0 ? "nothing" : string.Join(", ", keys.Take(most)) + (keys.Count > most ? " and more" : string.Empty);
    }
}
