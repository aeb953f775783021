namespace MiniMind.Extensions.AI;

/// <summary>What several verifiers say alike.</summary>
internal static class Verdicts
{
    public const string RightAnswer = "right answer";
    public const string WrongAnswer = "wrong answer";

    private const int LongestQuote = 80;

    public static ReplyVerdict NoExpectedAnswer { get; } = new(false, "no expected answer", "The problem has no expected answer to compare with.");

    /// <summary>The end of a text, where answers are, on one line.</summary>
    public static string Quoted(string text)
    {
        var line = text.ReplaceLineEndings(" ").Trim();
        return $"\"{(line.Length <= LongestQuote ? line : "…" + line[^LongestQuote..])}\"";
    }
}
