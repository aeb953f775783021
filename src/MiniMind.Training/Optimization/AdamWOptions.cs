using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>Settings of AdamW (Loshchilov and Hutter 2019), with PyTorch's defaults, which the reference uses. The learning rate comes from the
/// schedule.</summary>
public sealed record AdamWOptions
{
    /// <summary>Decay of the gradient's running mean. Default 0.9.</summary>
    public double Beta1 { get; set; } = 0.9;

    /// <summary>Decay of the squared gradient's running mean. Default 0.999.</summary>
    public double Beta2 { get; set; } = 0.999;

    /// <summary>Added to the denominator. Default 1e-8.</summary>
    public double Epsilon { get; set; } = 1e-8;

    /// <summary>Decoupled weight decay, on every weight as in the reference. Default 0.01.</summary>
    public double WeightDecay { get; set; } = 0.01;

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(AdamWOptions))
        .Require(Beta1 is >= 0 and < 1, Beta1, "at least 0 and below 1")
        .Require(Beta2 is >= 0 and < 1, Beta2, "at least 0 and below 1")
        .Require(Epsilon > 0 && double.IsFinite(Epsilon), Epsilon, "a positive number")
        .Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), WeightDecay, "zero or more")
        .ThrowIfAny();
}
