using Microsoft.Extensions.Options;

namespace MiniMind;

/// <summary>How text is generated. The defaults are greedy.</summary>
public sealed record GenerationOptions
{
    /// <summary>The most tokens generated. Default 512.</summary>
    public int MaxNewTokens { get; set; } = 512;

    /// <summary>Divides the logits before sampling; 0 (default) takes the most likely token instead. The reference samples at 0.75 to 0.85.</summary>
    public double Temperature { get; set; }

    /// <summary>Samples from the most likely tokens only, this many; 0 (default) for all.</summary>
    public int TopK { get; set; }

    /// <summary>Samples from the most likely tokens whose probabilities first add up to more than this (Holtzman et al. 2020); 1 (default) for
    /// all.</summary>
    public double TopP { get; set; } = 1;

    /// <summary>Samples from the tokens at least this likely, as a part of the most likely one's probability; 0 (default) for all.</summary>
    public double MinP { get; set; }

    /// <summary>Makes tokens that occur in the prompt or the text so far less likely; 1 (default) for none.</summary>
    public double RepetitionPenalty { get; set; } = 1;

    /// <summary>How the penalty is applied. Default <see cref="RepetitionPenaltyForm.Reference"/>.</summary>
    public RepetitionPenaltyForm RepetitionPenaltyForm { get; set; } = RepetitionPenaltyForm.Reference;

    /// <summary>Seed of the sampling; <see langword="null"/> (default) for another text each time.</summary>
    public int? Seed { get; set; }

    /// <summary>Texts that end the generation; they are not part of the result. Default none.</summary>
    public IReadOnlyList<string> StopStrings { get; set; } = [];

    /// <summary>Tokens that end the generation; they are not part of the text. <see langword="null"/> (default): the tokenizer's end
    /// token.</summary>
    public IReadOnlyList<int>? StopTokens { get; set; }

    /// <summary>Whether the log probability of each generated token is kept. Default false.</summary>
    public bool LogProbabilities { get; set; }

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(GenerationOptions))
        .Require(MaxNewTokens > 0, MaxNewTokens, "1 or more")
        .Require(Temperature >= 0 && double.IsFinite(Temperature), Temperature, "zero or more")
        .Require(TopK >= 0, TopK, "zero or more")
        .Require(TopP is > 0 and <= 1, TopP, "above 0 and at most 1")
        .Require(MinP is >= 0 and <= 1, MinP, "0 to 1")
        .Require(RepetitionPenalty > 0 && double.IsFinite(RepetitionPenalty), RepetitionPenalty, "a positive number")
        .Require(Enum.IsDefined(RepetitionPenaltyForm), RepetitionPenaltyForm, "Reference or Standard")
        .Require(StopStrings is not null && !StopStrings.Any(string.IsNullOrEmpty), StopStrings is null ? null : "a list with an empty text", "texts", nameof(StopStrings))
        .ThrowIfAny();
}
