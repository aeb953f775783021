namespace MiniMind.Samples.ReasonDistill;

/// <summary>An arithmetic word problem.</summary>
/// <param name="Question">What is asked.</param>
/// <param name="Answer">The number asked for.</param>
internal sealed record WordProblem(string Question, int Answer);
