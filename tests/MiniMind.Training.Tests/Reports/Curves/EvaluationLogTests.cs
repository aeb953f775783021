namespace MiniMind.Training.Tests;

public sealed class EvaluationLogTests
{
    [Fact]
    public void Of_many_evaluations_some_stay_and_the_last_always_does()
    {
        var log = new EvaluationLog();
        for (var step = 1; step <= 5000; step++)
        {
            log.Add(step, [new($"name {step}", 0), new("accuracy", step)], evaluation: null);
            Assert.Equal(step, log.Of("accuracy")[^1].Point.Step);
            Assert.InRange(log.Points.Count, 1, EvaluationLog.MostPoints);
        }

        Assert.Equal(EvaluationLog.MostNames, log.Names.Count);
        Assert.Equal(1, log.Points[0].Step);
        Assert.All(log.Points.SkipLast(1), p => Assert.Equal(0, p.Index % log.KeptOfMany));
    }
}
