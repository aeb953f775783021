namespace MiniMind;

/// <summary>What a model said.</summary>
public sealed class GeneratedText
{
    internal GeneratedText()
    {
    }

    /// <summary>The text, without stop token and stop string.</summary>
    public required string Text { get; init; }

    /// <summary>The generated tokens, without the stop token; with a stop string, through the token that completed it.</summary>
    public required IReadOnlyList<int> Ids { get; init; }

    /// <summary>Why it ended.</summary>
    public required FinishReason FinishReason { get; init; }

    /// <summary>Natural log of each token's probability among all tokens, penalty and temperature applied (temperature 1 when greedy), before any are cut off; <see langword="null"/> unless asked for.</summary>
    public required IReadOnlyList<double>? LogProbabilities { get; init; }

    /// <summary>What the prompt had already written of the assistant's turn, which the text goes on with: empty, <c>&lt;think&gt;</c> and a line break, an
    /// empty think block, or whatever else stands behind <see cref="ChatTemplate.AssistantPrefix"/> in it.</summary>
    public string Opening { get; init; } = string.Empty;

    /// <summary>What a reply looks like in the tokenizer's chat template. Default <see cref="ReasoningFormat.ThinkThenAnswer"/>.</summary>
    public ReasoningFormat Format { get; init; } = ReasoningFormat.ThinkThenAnswer;

    /// <summary>Whether the text was cut off: by <see cref="GenerationOptions.MaxNewTokens"/> or the model's longest sequence.</summary>
    public bool IsTruncated => FinishReason is FinishReason.MaxNewTokens or FinishReason.ContextFull;

    /// <summary>The assistant's turn, <see cref="Opening"/> and <see cref="Text"/>, taken apart into reasoning and answer.</summary>
    public ReasoningReply Reply => ReasoningReply.Parse(Opening + Text, Format);
}
