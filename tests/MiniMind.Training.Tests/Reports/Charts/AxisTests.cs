namespace MiniMind.Training.Tests;

public sealed class AxisTests
{
    [Theory]
    [InlineData(0.9, 60, 0.5, 100, new[] { 0.5, 1, 2, 5, 10, 20, 50, 100 })]
    [InlineData(3.2, 3.9, 2, 5, new double[] { 2, 5 })]
    [InlineData(5, 5, 5, 10, new double[] { 5, 10 })]
    [InlineData(0.021, 3000, 0.02, 5000, new[] { 0.1, 1, 10, 100, 1000 })]
    [InlineData(1e-6, 1e3, 1e-6, 1e3, new[] { 1e-6, 1e-4, 1e-2, 1, 100 })]
    public void A_logarithmic_axis_takes_in_its_values_between_round_marks(double low, double high, double first, double last, double[] marks)
    {
        var axis = Axis.Logarithmic([low, high]);

        Assert.Equal((first, last), (axis.Low, axis.High), (a, b) => Close(a.Item1, b.Item1) && Close(a.Item2, b.Item2));
        Assert.Equal(marks, axis.Marks, Close);
        Assert.Equal(0.5, axis.PlaceOf(Math.Sqrt(first * last)), 1e-9);
    }

    [Theory]
    [InlineData(0, 0.0022, new[] { 0, 0.001, 0.002, 0.003 })]
    [InlineData(0, 0, new[] { 0, 0.5, 1 })]
    [InlineData(-1, 9, new double[] { -5, 0, 5, 10 })]
    public void A_linear_axis_takes_in_its_values_between_round_marks(double low, double high, double[] marks)
    {
        var axis = Axis.Linear([low, high]);

        Assert.Equal(marks, axis.Marks, Close);
        Assert.Equal((marks[0], marks[^1]), (axis.Low, axis.High));
    }

    [Fact]
    public void Measured_values_far_apart_get_a_logarithmic_axis()
    {
        Assert.Equal((0.002, 10), (Axis.ForMeasured([6.3, 0.0021]).Low, Axis.ForMeasured([6.3, 0.0021]).High));
        Assert.Equal((0, 8), (Axis.ForMeasured([6.3, 2]).Low, Axis.ForMeasured([6.3, 2]).High));
        Assert.Equal(0, Axis.ForMeasured([6.3, 0]).Low);
    }

    [Fact]
    public void An_axis_of_steps_ends_with_the_last_step()
    {
        var axis = Axis.Steps(900, 1565);

        Assert.Equal((900, 1565), (axis.Low, axis.High));
        Assert.Equal([1000, 1200, 1400], axis.Marks);
    }

    private static bool Close(double a, double b) => Math.Abs(a - b) <= 1e-12 * Math.Max(1, Math.Abs(a));
}
