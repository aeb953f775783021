namespace MiniMind.Samples;

/// <summary>An arithmetic word problem and its written solution.</summary>
/// <param name="Question">The problem.</param>
/// <param name="Reasoning">One line for each step.</param>
/// <param name="Answer">The number asked for.</param>
internal sealed record WordProblem(string Question, string Reasoning, string Answer)
{
    /// <summary>The solution as an assistant's turn: reasoning and answer in their tags.</summary>
    public string Reply => ReasoningReply.Compose(Reasoning, Answer);
}
