using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>Settings of <see cref="ReasoningEvaluator"/>.</summary>
public sealed record ReasoningEvaluatorOptions
{
    /// <summary>Replies generated at the same time. Default 64.</summary>
    public int BatchSize { get; set; } = 64;

    /// <summary>Replies to each problem; with more than one give <see cref="Generation"/> a temperature. Default 1.</summary>
    public int Samples { get; set; } = 1;

    /// <summary>How replies are generated. Default greedy, at most 256 tokens.</summary>
    public GenerationOptions Generation { get; set; } = new() { MaxNewTokens = 256 };

    /// <summary>What counts as the expected answer. Default <see cref="NumericAnswerComparer"/>.</summary>
    public IAnswerComparer Comparer { get; set; } = new NumericAnswerComparer();

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(ReasoningEvaluatorOptions))
        .Require(BatchSize >= 1, BatchSize, "1 or more")
        .Require(Samples >= 1, Samples, "1 or more")
        .Nest(Generation?.FindFaults(), nameof(Generation))
        .Require(Comparer is not null, Comparer, "a comparer")
        .Require(
            Samples == 1 || Generation is null || Generation.Temperature > 0,
            $"{nameof(Samples)} is {Samples} and Generation.Temperature 0; expected a temperature, because greedy replies are all the same.")
        .ThrowIfAny();
}
