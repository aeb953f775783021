namespace MiniMind.Training.Tests;

public sealed class PairedComparisonTests
{
    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(1, 1, 1)]
    [InlineData(0, 5, 0.0625)]
    [InlineData(7, 1, 0.0703125)]
    [InlineData(10, 20, 0.0987371)]
    [InlineData(0, 5000, 0)]
    [InlineData(5000, 5000, 1)]
    public void The_p_value_is_the_exact_binomial_one(int one, int other, double expected) =>
        Assert.Equal(expected, PairedComparison.ExactSignTest(one, other), 1e-6);

    [Fact]
    public void Only_problems_that_the_two_solve_differently_count()
    {
        var before = EvaluatedReplies.Evaluate("1", "1", "2", "2", "2", "2", "2", "2");
        var after = EvaluatedReplies.Evaluate("1", "2", "1", "1", "1", "1", "1", "2");

        var comparison = PairedComparison.Compare(before, after);

        Assert.Equal((8, 1, 5, 0.5), (comparison.Problems, comparison.FirstBetter, comparison.SecondBetter, comparison.Difference));
        Assert.Equal(2 * 7 / 64.0, comparison.PValue, 1e-12);
        Assert.Equal("accuracy +50.0 points: better on 5 problems, worse on 1, the same on 2 (exact McNemar test, p = 0.22)", comparison.ToString());
        var reversed = PairedComparison.Compare(after, before);
        Assert.Equal((5, 1, -0.5, comparison.PValue), (reversed.FirstBetter, reversed.SecondBetter, reversed.Difference, reversed.PValue));
    }

    [Fact]
    public void Of_several_replies_to_a_problem_the_share_that_is_right_counts()
    {
        var comparison = PairedComparison.Compare(EvaluatedReplies.Evaluate("1222", "1112", "1212"), EvaluatedReplies.Evaluate("11", "12", "12"));

        Assert.Equal((1, 1), (comparison.FirstBetter, comparison.SecondBetter));
    }

    [Fact]
    public void Evaluations_of_other_problems_are_refused()
    {
        var first = EvaluatedReplies.Evaluate("1", "1");
        var other = ReasoningEvaluation.Of(
            [first.Replies[0], EvaluatedReplies.Create(1, 0, "1", isRight: true, expected: "2")], new NumericAnswerComparer(), heldOutLoss: null, TimeSpan.Zero);

        Assert.Contains("has 1 problems, the first 2", Assert.Throws<ArgumentException>(() => PairedComparison.Compare(first, EvaluatedReplies.Evaluate("1"))).Message, StringComparison.Ordinal);
        Assert.Contains("problem 2 is not the same", Assert.Throws<ArgumentException>(() => PairedComparison.Compare(first, other)).Message, StringComparison.Ordinal);
    }
}
