namespace MiniMind.Samples.ReasonDistill;

/// <summary>An arithmetic word problem and a teacher's written solution.</summary>
/// <param name="Question">The problem.</param>
/// <param name="Reasoning">One line a step.</param>
/// <param name="Answer">The number asked for.</param>
internal sealed record WordProblem(string Question, string Reasoning, string Answer)
{
    /// <summary>The solution in the seed's format.</summary>
    public string Reply => ReasoningReply.Compose(Reasoning, Answer);
}
