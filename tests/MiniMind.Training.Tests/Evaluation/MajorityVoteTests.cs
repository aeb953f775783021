namespace MiniMind.Training.Tests;

public sealed class MajorityVoteTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("2", 0)]
    [InlineData(" ", 0)]
    [InlineData("1123", 1)]
    [InlineData("1223", 0)]
    [InlineData("1122", 0.5)]
    [InlineData("123", 1 / 3.0)]
    [InlineData("1   ", 1)]
    [InlineData("2233", 0)]
    public void The_most_frequent_answer_counts_and_a_tie_in_part(string answers, double expected) =>
        Assert.Equal(expected, EvaluatedReplies.Evaluate(answers).MajorityAccuracy, 1e-12);

    [Fact]
    public void Spellings_of_an_answer_are_one_vote()
    {
        EvaluatedReply[] replies =
        [
            EvaluatedReplies.Create(0, 0, "1", true),
            EvaluatedReplies.Create(0, 1, "one", true),
            EvaluatedReplies.Create(0, 2, "2,000", false),
            EvaluatedReplies.Create(0, 3, "2000.0", false),
            EvaluatedReplies.Create(0, 4, "2000", false),
        ];

        Assert.Equal(0, MajorityVote.Accuracy(replies, new NumericAnswerComparer()));
        Assert.Equal(1, MajorityVote.Accuracy(replies[..4], new TextComparer()));
    }

    private sealed class TextComparer : IAnswerComparer
    {
        public bool AreEqual(string expected, string actual) => expected == actual;
    }
}
