namespace MiniMind.Training.Tests;

/// <summary>Callbacks change learning rate, clipping and batch size of a run that is going on.</summary>
public sealed class RunAdjustmentTests
{
    [Fact]
    public async Task The_rate_is_scaled_from_the_next_optimizer_step_on()
    {
        // Step 3 is the first of two micro-batches, and both have the rate of before.
        var (steps, _) = await AdjustedRun.RunAsync(o => o.AccumulationSteps = 2, new OnStep(3, a => a.Control.LearningRateScale = 0.25));

        Assert.Equal([1e-3, 1e-3, 1e-3, 1e-3, 2.5e-4, 2.5e-4, 2.5e-4, 2.5e-4], steps.Select(s => s.LearningRate));
    }

    [Fact]
    public async Task More_micro_batches_make_the_groups_after_the_change_longer()
    {
        var (steps, _) = await AdjustedRun.RunAsync(null, new OnStep(2, a => a.Control.AccumulationSteps = 3));

        Assert.Equal([1, 1, 3, 3, 3, 3, 3, 3], steps.Select(s => s.AccumulationSteps));
        Assert.Equal([1, 2, 5, 8], steps.Where(s => s.OptimizerStepped).Select(s => s.Step));
    }

    [Fact]
    public async Task Fewer_micro_batches_make_the_groups_after_the_change_shorter()
    {
        var (steps, _) = await AdjustedRun.RunAsync(o => o.AccumulationSteps = 4, new OnStep(2, a => a.Control.AccumulationSteps = 2));

        Assert.Equal([4, 4, 4, 4, 2, 2, 2, 2], steps.Select(s => s.AccumulationSteps));
        Assert.Equal([4, 6, 8], steps.Where(s => s.OptimizerStepped).Select(s => s.Step));
    }

    [Theory]
    [InlineData("rate")]
    [InlineData("clip")]
    [InlineData("accumulation")]
    public async Task What_is_set_before_the_first_step_is_the_run_that_had_it_in_its_settings(string setting)
    {
        var (_, plain) = await AdjustedRun.RunAsync(null);
        var (_, expected) = await AdjustedRun.RunAsync(
            o =>
            {
                if (setting == "clip")
                    o.GradientClip = 0.01;
                if (setting == "accumulation")
                    o.AccumulationSteps = 3;
            },
            setting == "rate" ? 2.5e-4 : 1e-3);
        var (_, adjusted) = await AdjustedRun.RunAsync(null, new AtStart(control => AdjustedRun.Adjust(control, setting)));

        Assert.Equal(expected, adjusted);
        Assert.NotEqual(plain, adjusted);
    }

    [Fact]
    public async Task A_callback_reads_the_runs_settings_until_it_changes_them()
    {
        var seen = new List<(double Rate, double Clip, int Steps)>();
        void Note(ITrainingControl control) => seen.Add((control.LearningRateScale, control.GradientClip, control.AccumulationSteps));
        await AdjustedRun.RunAsync(
            o => (o.GradientClip, o.AccumulationSteps) = (0.5, 2),
            new AtStart(Note),
            new OnStep(4, a => (a.Control.LearningRateScale, a.Control.GradientClip, a.Control.AccumulationSteps) = (3, 0, 4)),
            new OnStep(8, a => Note(a.Control)));

        Assert.Equal([(1, 0.5, 2), (3, 0, 4)], seen);
    }

    [Fact]
    public async Task Wrong_values_are_refused_and_change_nothing()
    {
        var names = new List<string?>();
        var callback = new OnStep(1, a =>
        {
            foreach (var value in (double[])[-1, double.NaN, double.PositiveInfinity])
            {
                names.Add(Assert.Throws<ArgumentOutOfRangeException>(() => a.Control.LearningRateScale = value).ParamName);
                names.Add(Assert.Throws<ArgumentOutOfRangeException>(() => a.Control.GradientClip = value).ParamName);
            }

            foreach (var value in (int[])[0, -3])
            {
                var exception = Assert.Throws<ArgumentOutOfRangeException>(() => a.Control.AccumulationSteps = value);
                Assert.Contains("expected 1 or more", exception.Message, StringComparison.Ordinal);
            }

            Assert.Equal((1, 1, 1), (a.Control.LearningRateScale, a.Control.GradientClip, a.Control.AccumulationSteps));
        });
        var (steps, _) = await AdjustedRun.RunAsync(null, callback);

        Assert.Equal(8, steps.Count);
        Assert.Equal(6, names.Count);
        Assert.Equal(["LearningRateScale", "GradientClip"], names.Distinct());
    }
}
