namespace MiniMind.Training.Tests;

public sealed class CurveTests
{
    [Fact]
    public void A_hundred_thousand_steps_become_few_points_that_keep_every_extreme()
    {
        const int steps = 100_000;
        var random = new Random(1);
        var values = Enumerable.Range(1, steps).Select(_ => random.NextDouble()).ToArray();
        (values[41_234], values[77_777]) = (50, -50);
        var curve = new Curve(meanDecay: 0.98);
        var mean = new ExponentialMean(0.98);
        var most = 0;

        for (var i = 0; i < steps; i++)
        {
            mean.Add(values[i]);
            curve.Add(i + 1, values[i]);
            most = Math.Max(most, curve.Points.Count);
        }

        Assert.Equal(Curve.MostPoints, most);
        Assert.InRange(curve.Points.Count, Curve.MostPoints / 2, Curve.MostPoints);
        Assert.Equal(64, curve.ValuesOfPoint);
        Assert.Equal((50, -50), (curve.Points.Max(p => p.High), curve.Points.Min(p => p.Low)));
        Assert.Equal(new CurvePoint(64, values[..64].Min(), values[..64].Max(), curve.Points[0].Mean), curve.Points[0]);
        Assert.Equal((steps, mean.Value), (curve.Points[^1].Step, curve.Points[^1].Mean));
        Assert.True(curve.Points.Zip(curve.Points.Skip(1)).All(p => p.First.Step < p.Second.Step));
    }

    [Fact]
    public void What_an_axis_has_no_place_for_is_counted()
    {
        var curve = new Curve(meanDecay: 0, isPositive: true);

        foreach (var (value, i) in new[] { 1, double.NaN, 0, double.PositiveInfinity, 2 }.Select((v, i) => (v, i)))
            curve.Add(i + 1, value);

        Assert.Equal([(1, 1.0), (5, 2.0)], curve.Points.Select(p => (p.Step, p.Mean)));
        Assert.Equal(3, curve.Omitted);
    }
}
