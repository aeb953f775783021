namespace MiniMind.Extensions.AI;

/// <summary>Whether a reply can be an example at all, before anybody asks whether it is right.</summary>
internal static class ReplyForm
{
    public const string Cut = "cut by length";
    public const string Filtered = "stopped by a content filter";
    public const string NotFinished = "ended in another way than by itself";
    public const string NoReasoning = "no reasoning";
    public const string NoText = "no text";
    public const string TagsWithin = "tags within";
    public const string Refused = "refused by the teacher";

    /// <summary>The cause for which it cannot; null if it can.</summary>
    public static string? Fault(HarvestAttempt attempt, HarvestOptions options) => attempt switch
    {
        { Error: not null } => Refused,
        { FinishReason: "length" } => Cut,
        { FinishReason: "content_filter" } => Filtered,
        { FinishReason: not (null or "stop") } => NotFinished,
        { Text.Length: 0 } => NoText,
        { Reasoning.Length: 0 } when !options.KeepRepliesWithoutReasoning => NoReasoning,
        _ => Assistant(attempt, null, ExampleAnswer.TeachersText) is null ? TagsWithin : null,
    };

    /// <summary>The assistant's turn of the example; null if tags within reasoning or answer would break it.</summary>
    public static string? Assistant(HarvestAttempt attempt, string? expected, ExampleAnswer form)
    {
        var answer = form == ExampleAnswer.ExpectedAnswer && expected is not null ? Stated(expected) : attempt.ToReply().ToReasoningReply().Answer;
        var turn = ReasoningReply.Compose(attempt.Reasoning, answer);
        return ReasoningFormat.ThinkThenAnswer.IsMatch(turn) ? turn : null;
    }

    /// <summary>Published solutions state their answer behind four hashes.</summary>
    private static string Stated(string expected)
    {
        const string mark = "####";
        var at = expected.LastIndexOf(mark, StringComparison.Ordinal);
        return (at < 0 ? expected : expected[(at + mark.Length)..]).Trim();
    }
}
