namespace MiniMind.Training.Tests;

public sealed class ReasoningEvaluationTests
{
    [Theory]
    [InlineData(4, 0, 2, 0)]
    [InlineData(4, 4, 1, 1)]
    [InlineData(4, 1, 4, 1)]
    [InlineData(4, 1, 2, 0.5)]
    [InlineData(4, 2, 2, 1 - (1 / 6.0))]
    public void Pass_at_k_is_the_unbiased_estimate(int samples, int right, int k, double expected) =>
        Assert.Equal(expected, ReasoningEvaluation.PassAtK(samples, right, k), 1e-12);

    [Fact]
    public void Figures_are_counted_over_replies_and_intervals_over_problems()
    {
        var evaluation = EvaluatedReplies.Evaluate("1123", "2222", "11 2", "1212");

        Assert.Equal((4, 4, 6 / 16.0), (evaluation.Problems, evaluation.Samples, evaluation.Accuracy));
        Assert.Equal([1, 2, 4], evaluation.PassAt.Keys);
        Assert.Equal(6 / 16.0, evaluation.PassAt[1], 1e-12);
        Assert.Equal(3 / 4.0, evaluation.PassAt[4], 1e-12);
        Assert.Equal((1 + 0 + 1 + 0.5) / 4, evaluation.MajorityAccuracy, 1e-12);
        Assert.Equal(ConfidenceInterval.Wilson(6 / 16.0, 4), evaluation.AccuracyInterval);
    }
}
