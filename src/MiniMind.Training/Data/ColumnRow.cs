using System.Text.Json;

namespace MiniMind.Training;

/// <summary>A row whose question, reasoning and answer stand in columns of their own, as in Alpaca, GSM8K, MetaMath and most sets of reasoning, and what stands beside a
/// list of turns.</summary>
internal sealed class ColumnRow(DatasetColumns columns, EmptyReplyPolicy emptyReplies)
{
    private const string AnswerMark = "####";
    private const string NoAnswer = "the answer is empty; expected text to learn";

    private static readonly string[] Questions = ["question", "problem", "prompt", "query", "instruction"];
    private static readonly string[] Continuations = ["input", "context"];
    private static readonly string[] Reasonings = ["reasoning", "reasoning_content", "thinking", "thought", "rationale", "cot", "complex_cot", "chain_of_thought"];
    private static readonly string[] Answers = ["answer", "response", "output", "solution", "completion", "target"];
    private static readonly string[] Systems = ["system", "system_prompt"];
    private static readonly string[] Switches = ["on", "off", "true", "false", "yes", "no"];

    /// <summary>How the names end of columns that hold somebody's reasoning or answer, though whose is not certain.</summary>
    private static readonly string[] ReasoningEnds = ["reasoning", "thinking", "trajectory", "trajectories", "rationale", "_cot", "thoughts"];
    private static readonly string[] AnswerEnds = ["_answer", "_solution", "_response", "attempt", "_output", "_completion"];

    private static readonly string Expected =
        "expected turns (\"conversations\" or \"messages\"; Columns.Turns can name another list), or one column for the question and one for the answer, which Columns can name";

    /// <summary>Whether the property at which a reader stands may add to a list of turns.</summary>
    public bool IsBesideTurns(ref Utf8JsonReader reader)
    {
        if (columns.Answer is { Length: > 0 } || columns.Reasoning is { Length: > 0 })
            return true;
        if (columns.System is { } named)
            return named.Length > 0 && JsonName.Is(ref reader, named);
        foreach (var key in Systems)
            if (JsonName.Is(ref reader, key))
                return true;
        return false;
    }

    /// <summary>Adds to a list of turns what stands beside it: the system's turn, and the last reply where that is named.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? Complete(JsonElement row, List<ChatTurn> turns, RoleOrder? order)
    {
        var (system, fault) = Find(row, columns.System, Systems, [], nameof(columns.System));
        if (fault is not null && columns.System is null)
            return fault;
        if (columns.Answer is { Length: > 0 } named)
        {
            if (order is not { AwaitsReply: true })
                return $"the list of turns does not end with the user's, and Columns.Answer names another reply ({MessageText.Quoted(named)}); expected Columns.Question too, if columns are to be read";
            if (Text(row, named) is not { } answer)
                return Missing(row, named, nameof(columns.Answer));
            var reply = Reply(answer, columns.Reasoning is { Length: > 0 } name ? Text(row, name) : null);
            if (IsEmpty(reply))
                return NoAnswer;
            turns.Add(reply);
        }
        else if (order?.End() is { } end)
        {
            return end;
        }

        if (string.IsNullOrWhiteSpace(system))
            return null;
        if (turns[0].Role == RoleOrder.System)
            return turns[0].Content.Trim() == system.Trim() ? null : "the row has a system column and a system turn that says something else; expected one of them (Columns.System = \"\" leaves the column out)";
        turns.Insert(0, new ChatTurn(RoleOrder.System, system));
        return null;
    }

    /// <summary>The turns of a row, or what is wrong with it.</summary>
    public (List<ChatTurn>? Turns, string? Fault) Read(JsonElement row)
    {
        if (Twice(row) is { } twice)
            return (null, $"{MessageText.Quoted(twice)} is given twice; expected it once");
        var (question, questionFault) = Find(row, columns.Question, Questions, [], nameof(columns.Question));
        var (answer, answerFault) = Find(row, columns.Answer, Answers, AnswerEnds, nameof(columns.Answer));
        var (reasoning, reasoningFault) = Find(row, columns.Reasoning, Reasonings, ReasoningEnds, nameof(columns.Reasoning));
        var (system, systemFault) = Find(row, columns.System, Systems, [], nameof(columns.System));
        if ((questionFault ?? answerFault ?? reasoningFault ?? systemFault) is { } fault)
            return (null, fault);
        // Firefly's rows have an input and a target.
        question ??= columns.Question is null && answer is not null ? Text(row, "input") : null;
        if (answer is null && emptyReplies == EmptyReplyPolicy.Teach && columns.Answer is null)
            answer = Answers.Select(key => Text(row, key)).FirstOrDefault(text => text is not null);
        if (question is null || answer is null)
            return (null, $"{(question is null ? "no question" : "no answer")} is there, only {Keys(row)}; {Expected}{Hint(row)}");
        if (reasoning is not null && Switches.Contains(reasoning.Trim().ToLowerInvariant()))
            return (null, $"the reasoning column says {MessageText.Quoted(reasoning)}, which is a switch and no reasoning; expected Columns.Reasoning to name the column that holds it, or to be empty if there is none");
        if (columns.Question is null)
            foreach (var more in Continuations.Select(key => Text(row, key)).Where(text => !string.IsNullOrWhiteSpace(text) && text != question))
                question = $"{question}\n\n{more}";
        if (reasoning is null && columns.Reasoning is null && answer.LastIndexOf(AnswerMark, StringComparison.Ordinal) is > 0 and var mark)
            (reasoning, answer) = (answer[..mark].Trim(), answer[(mark + AnswerMark.Length)..].Trim());
        var reply = Reply(answer, reasoning);
        if (IsEmpty(reply) || (string.IsNullOrWhiteSpace(answer) && emptyReplies == EmptyReplyPolicy.Refuse))
            return (null, NoAnswer);
        List<ChatTurn> turns = string.IsNullOrWhiteSpace(system) ? [] : [new ChatTurn(RoleOrder.System, system)];
        turns.Add(new ChatTurn(RoleOrder.User, question));
        turns.Add(reply);
        return (turns, null);
    }

    /// <summary>Says that a named column is not to be read.</summary>
    public static string Missing(JsonElement row, string named, string option) =>
        $"the column {MessageText.Quoted(named)} (Columns.{option}) is no text or not there, only {Keys(row)}";

    private static ChatTurn Reply(string answer, string? reasoning) =>
        new(RoleOrder.Assistant, answer) { ReasoningContent = string.IsNullOrWhiteSpace(reasoning) ? null : reasoning };

    private bool IsEmpty(ChatTurn reply) => emptyReplies == EmptyReplyPolicy.Refuse && EmptyReply.Is(reply);

    private (string? Text, string? Fault) Find(JsonElement row, string? named, string[] usual, string[] ends, string option)
    {
        if (named is { Length: 0 })
            return (null, null);
        if (named is not null)
            return Text(row, named) is { } text ? (text, null) : (null, Missing(row, named, option));
        var found = usual.Where(key => !string.IsNullOrWhiteSpace(Text(row, key))).ToList();
        List<string> suspects = ends.Length == 0 ? [] : [.. row.EnumerateObject().Select(NameOf).OfType<string>().Where(name =>
            !usual.Contains(name, StringComparer.OrdinalIgnoreCase) && ends.Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            && !string.IsNullOrWhiteSpace(Text(row, name)))];
        if (suspects.Count > 0)
            return (null, $"{string.Join(" and ", found.Concat(suspects).Select(MessageText.Quoted))} may be what is to be read; expected Columns.{option} to name the column{(option == nameof(columns.Reasoning) ? ", or to be empty if there is none" : string.Empty)}");
        return found.Count > 1
            ? (null, $"{string.Join(" and ", found.Select(MessageText.Quoted))} are both there; expected Columns.{option} to name the one to read")
            : (found.Count == 0 ? null : Text(row, found[0]), null);
    }

    /// <summary>The text of a column, or of the only element of a list.</summary>
    private static string? Text(JsonElement row, string key)
    {
        foreach (var property in row.EnumerateObject())
            if (NameOf(property) is { } name && name.Equals(key, StringComparison.OrdinalIgnoreCase))
            {
                var value = property.Value;
                if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1)
                    value = value[0];
                return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            }

        return null;
    }

    private string? Twice(JsonElement row)
    {
        string?[] named = [columns.Question, columns.Answer, columns.Reasoning, columns.System];
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        string[] read = [.. Questions, .. Answers, .. Reasonings, .. Systems, .. Continuations, .. named.OfType<string>()];
        return row.EnumerateObject().Select(NameOf).FirstOrDefault(name => name is not null && read.Contains(name, StringComparer.OrdinalIgnoreCase) && !seen.Add(name));
    }

    /// <summary>A name that is no text names nothing that is read.</summary>
    private static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Hint(JsonElement row)
    {
        var names = row.EnumerateObject().Select(NameOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return names.Contains("chosen") && names.Contains("rejected") ? " (these are pairs of a better and a worse reply, which are not learned as pairs)"
            : names.Contains("text") ? " (text without a question is not learned)"
            : string.Empty;
    }

    private static string Keys(JsonElement row)
    {
        const int most = 12;
        var keys = row.EnumerateObject().Select(p => MessageText.Quoted(NameOf(p) ?? "?")).Take(most + 1).ToList();
        return keys.Count == 0 ? "nothing" : string.Join(", ", keys.Take(most)) + (keys.Count > most ? " and more" : string.Empty);
    }
}
