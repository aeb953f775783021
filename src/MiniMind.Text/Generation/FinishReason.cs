namespace MiniMind;

/// <summary>Why a generated text ended.</summary>
public enum FinishReason
{
    /// <summary>The model ended it with a stop token.</summary>
    StopToken,

    /// <summary>A stop string occurred.</summary>
    StopString,

    /// <summary>It has <see cref="GenerationOptions.MaxNewTokens"/> tokens.</summary>
    MaxNewTokens,

    /// <summary>Prompt and text fill the model's longest sequence.</summary>
    ContextFull,
}
