namespace MiniMind.Training.Tests;

public sealed class ExponentialMeanTests
{
    [Fact]
    public void The_mean_of_a_constant_series_is_the_constant_from_the_first_value_on()
    {
        var mean = new ExponentialMean(0.98);

        Assert.All(Enumerable.Repeat(3.7, 1000), value => Assert.Equal(3.7, mean.Add(value)));
        Assert.Equal(3.7, mean.Value);
    }

    [Fact]
    public void The_mean_weighs_values_by_their_age_and_the_weights_add_up_to_one()
    {
        var mean = new ExponentialMean(0.5);

        Assert.Equal([8, ((8 * 0.5) + 2) / 1.5, ((8 * 0.25) + (2 * 0.5) + 5) / 1.75], new double[] { 8, 2, 5 }.Select(mean.Add), Close);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExponentialMean(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExponentialMean(double.NaN));
    }

    private static bool Close(double a, double b) => Math.Abs(a - b) < 1e-12;
}
