namespace MiniMind.Training;

/// <summary>The exponential mean of a series with its bias corrected: the weight of a value falls by a factor with each one that follows, and the weights of
/// those there are add up to 1. So the first mean is the first value, and of a constant series every mean is the constant; an uncorrected mean would begin
/// near zero, or hold on to the first value.</summary>
public sealed class ExponentialMean
{
    private readonly double _decay;
    private double _weight;

    /// <summary>Creates the mean of no values.</summary>
    /// <param name="decay">What a value's weight is multiplied by with each value that follows, at least 0 and below 1: about 1 / (1 − decay) values count.
    /// With 0 the mean is the last value. Default 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">The decay is outside its range.</exception>
    public ExponentialMean(double decay = 0.95)
    {
        if (!(decay >= 0 && decay < 1))
            throw new ArgumentOutOfRangeException(nameof(decay), decay, "expected at least 0 and below 1");
        _decay = decay;
    }

    /// <summary>The mean of the values so far; 0 before the first.</summary>
    public double Value { get; private set; }

    /// <summary>Takes in a value.</summary>
    /// <param name="value">The next of the series.</param>
    /// <returns>The mean with it; no number from the first value on that is none.</returns>
    public double Add(double value)
    {
        // 1 − decayⁿ: what the weights of n values would add up to without the correction.
        _weight = (_decay * _weight) + (1 - _decay);
        return Value += (1 - _decay) / _weight * (value - Value);
    }
}
