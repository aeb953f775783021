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

    /// <summary>How problems are rendered; the generation prompt is always added. Default with thinking, because what is measured is reasoning: minimind-3's
    /// template, which by itself writes an empty think block, opens one for the student to fill.</summary>
    public ChatTemplateOptions Template { get; set; } = new() { Thinking = true };

    /// <summary>What a reply must look like to keep the format. <see langword="null"/> (default) for the chat template's
    /// <see cref="ChatTemplate.ReplyFormat"/>.</summary>
    public ReasoningFormat? Format { get; set; }

    /// <summary>What counts as the expected answer. Default <see cref="NumericAnswerComparer"/>.</summary>
    public IAnswerComparer Comparer { get; set; } = new NumericAnswerComparer();

    /// <summary>How many replies of a batch the comparer judges at the same time in <see cref="ReasoningEvaluator.EvaluateAsync"/>; for one that waits for
    /// others and may be called by several threads. Default 1.</summary>
    public int ConcurrentJudgements { get; set; } = 1;

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(ReasoningEvaluatorOptions))
        .Require(BatchSize >= 1, BatchSize, "1 or more")
        .Require(Samples >= 1, Samples, "1 or more")
        .Nest(Generation is null ? null : Generation.Validate, nameof(Generation))
        .Require(
            Samples == 1 || Generation is not { Temperature: <= 0 },
            $"{nameof(Samples)} is {Samples} and Generation.Temperature 0; expected a temperature, because greedy replies are all the same.")
        .Require(Template is not null, Template, "template options")
        .Require(Comparer is not null, Comparer, "a comparer")
        .Require(ConcurrentJudgements >= 1, ConcurrentJudgements, "1 or more")
        .ThrowIfAny();
}
