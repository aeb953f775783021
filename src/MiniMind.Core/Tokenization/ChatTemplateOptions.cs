namespace MiniMind;

/// <summary>How a conversation is rendered.</summary>
public sealed record ChatTemplateOptions
{
    /// <summary>Whether the text ends by opening an assistant turn. Default false. The early-2025 template opens one after every user turn,
    /// whatever this says, as the reference does.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>Whether the opened turn is to begin with reasoning: false writes an empty think block, true opens one (minimind-3) or leaves
    /// it to the model (MiniMind2). <see langword="null"/> (default) is what the template's own switch means when it is not given:
    /// MiniMind2 leaves it to the model, minimind-3 writes an empty block. The early-2025 template has no such switch.</summary>
    public bool? Thinking { get; init; }
}
