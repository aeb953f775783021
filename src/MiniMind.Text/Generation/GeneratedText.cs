namespace MiniMind;

/// <summary>What a model said.</summary>
/// <param name="Text">The text, without stop token and stop string.</param>
/// <param name="Ids">The generated tokens, without the stop token; with a stop string, through the token that completed it.</param>
/// <param name="StopReason">Why it ended.</param>
/// <param name="LogProbabilities">Natural log of each token's probability among all tokens, penalty and temperature applied (temperature 1
/// when greedy), before any are cut off; <see langword="null"/> unless asked for.</param>
public sealed record GeneratedText(string Text, IReadOnlyList<int> Ids, StopReason StopReason, IReadOnlyList<double>? LogProbabilities)
{
    /// <summary>What the prompt had already written of the assistant's turn, which the text goes on with: empty, <c>&lt;think&gt;</c> and a line break, an
    /// empty think block, or whatever else stands behind <see cref="ChatTemplate.AssistantPrefix"/> in it.</summary>
    public string Opening { get; init; } = string.Empty;

    /// <summary>What a reply looks like in the tokenizer's chat template. Default <see cref="ReasoningFormat.ThinkThenAnswer"/>.</summary>
    public ReasoningFormat Format { get; init; } = ReasoningFormat.ThinkThenAnswer;

    /// <summary>Whether the text was cut off: by <see cref="GenerationOptions.MaxNewTokens"/> or the model's longest sequence.</summary>
    public bool IsTruncated => StopReason is StopReason.MaxNewTokens or StopReason.ContextFull;

    /// <summary>The assistant's turn, <see cref="Opening"/> and <see cref="Text"/>, taken apart into reasoning and answer.</summary>
    public ReasoningReply Reply => ReasoningReply.Parse(Opening + Text, Format);
}
