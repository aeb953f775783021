using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>Settings of <see cref="NumericAnswerComparer"/>.</summary>
public sealed record NumericAnswerComparerOptions
{
    /// <summary>How much a number of the reply may differ from the expected one, as a part of the expected one: with 0.01, 101 is taken for 100. It applies
    /// to numbers wherever they stand (in tuples, intervals, with units), and never to dates, times, ratios or equations. Default 0: numbers are
    /// compared exactly, so 0.333 is not 1/3.</summary>
    public double RelativeTolerance { get; set; }

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(NumericAnswerComparerOptions))
        .Require(RelativeTolerance is >= 0 and < 1, RelativeTolerance, "0 or more and less than 1")
        .ThrowIfAny();
}
