namespace MiniMind;

/// <summary>What a model said.</summary>
/// <param name="Text">The text, without stop token and stop string.</param>
/// <param name="Ids">The generated tokens, without the stop token; with a stop string, through the token that completed it.</param>
/// <param name="StopReason">Why it ended.</param>
/// <param name="LogProbabilities">Natural log of each token's probability among all tokens, penalty and temperature applied (temperature 1
/// when greedy), before any are cut off; <see langword="null"/> unless asked for.</param>
public sealed record GeneratedText(string Text, IReadOnlyList<int> Ids, StopReason StopReason, IReadOnlyList<double>? LogProbabilities)
{
    /// <summary>The text taken apart into reasoning and answer.</summary>
    public ReasoningReply Reply => ReasoningReply.Parse(Text);
}
