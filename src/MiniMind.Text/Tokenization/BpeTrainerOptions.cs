using Microsoft.Extensions.Options;

namespace MiniMind;

/// <summary>Settings of <see cref="BpeTrainer"/>.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>The most tokens, special ones and the 256 bytes included. Default 6400, MiniMind's.</summary>
    public int VocabSize { get; set; } = 6400;

    /// <summary>How often a pair must occur to be merged. Default 2.</summary>
    public int MinFrequency { get; set; } = 2;

    /// <summary>The template that conversations are rendered with; its special tokens get the first ids. Default
    /// <see cref="ChatTemplate.MiniMind2025"/>.</summary>
    public ChatTemplate ChatTemplate { get; set; } = ChatTemplate.MiniMind2025;

    /// <summary>Further special tokens, which steer the model and are left out of decoded text. Default none.</summary>
    public IReadOnlyList<string> SpecialTokens { get; set; } = [];

    /// <summary>Further tokens that are never split and stay in decoded text, such as <c>&lt;think&gt;</c>. Default none.</summary>
    public IReadOnlyList<string> AddedTokens { get; set; } = [];

    /// <summary>How texts are split and composed. Default GPT-2's way, which is MiniMind's.</summary>
    internal BpeFamily Family { get; set; } = BpeFamily.Gpt2;

    /// <summary>The tokens that get the first ids, in order.</summary>
    internal IEnumerable<AddedToken> FixedTokens => ChatTemplate.SpecialTokens.Concat(SpecialTokens).Select(t => (Text: t, Special: true))
        .Concat(AddedTokens.Select(t => (Text: t, Special: false)))
        .Select((t, id) => new AddedToken { Id = id, Content = t.Text, IsSpecial = t.Special });

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value that is wrong.</exception>
    public void Validate()
    {
        var tokens = FixedTokens.ToList();
        var faults = new OptionsFaults(typeof(BpeTrainerOptions))
            .Require(VocabSize >= tokens.Count + 256, VocabSize, $"at least {tokens.Count + 256}, for {tokens.Count} special and added tokens and 256 bytes")
            .Require(MinFrequency >= 0, MinFrequency, "zero or more")
            .Require(!tokens.Any(t => string.IsNullOrEmpty(t.Content)), "a special or added token is empty; expected its text.");
        foreach (var twice in tokens.GroupBy(t => t.Content).Where(g => g.Count() > 1))
            faults.Require(false, $"the token '{twice.Key}' occurs twice.");
        faults.ThrowIfAny();
    }
}
