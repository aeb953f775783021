namespace MiniMind;

/// <summary>Settings of <see cref="BpeTrainer"/>.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>The most tokens, special ones and the 256 bytes included. Default 6400, MiniMind's.</summary>
    public int VocabSize { get; init; } = 6400;

    /// <summary>How often a pair must occur to be merged. Default 2.</summary>
    public int MinFrequency { get; init; } = 2;

    /// <summary>The template that conversations are rendered with; its special tokens get the first ids. Default
    /// <see cref="ChatTemplate.MiniMind2025"/>.</summary>
    public ChatTemplate ChatTemplate { get; init; } = ChatTemplate.MiniMind2025;

    /// <summary>Further special tokens, which steer the model and are left out of decoded text. Default none.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>Further tokens that are never split and stay in decoded text, such as <c>&lt;think&gt;</c>. Default none.</summary>
    public IReadOnlyList<string> AddedTokens { get; init; } = [];

    /// <summary>How texts are split and composed. Default GPT-2's way, which is MiniMind's.</summary>
    internal BpeFamily Family { get; init; } = BpeFamily.Gpt2;
}
