namespace MiniMind.Training.Tests;

public sealed class ConfidenceIntervalTests
{
    [Theory]
    [InlineData(5, 10, 0.2366, 0.7634)]
    [InlineData(0, 10, 0, 0.2775)]
    [InlineData(10, 10, 0.7225, 1)]
    [InlineData(1, 1, 0.2065, 1)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(81, 263, 0.2553, 0.3662)]
    public void Wilsons_interval_has_the_published_ends(int right, int trials, double low, double high)
    {
        var interval = ConfidenceInterval.Wilson(right / (double)trials, trials);

        Assert.Equal(low, interval.Low, 1e-4);
        Assert.Equal(high, interval.High, 1e-4);
    }
}
