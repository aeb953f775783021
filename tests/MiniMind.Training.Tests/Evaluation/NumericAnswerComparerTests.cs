namespace MiniMind.Training.Tests;

public sealed class NumericAnswerComparerTests
{
    [Theory]
    [InlineData("18", "18", true)]
    [InlineData("18", " 18.0 \n", true)]
    [InlineData("1234.5", "$1,234.50", true)]
    [InlineData("50", "50%", true)]
    [InlineData("72", "She sold 48+24=72 clips.\n#### 72", true)]
    [InlineData("72", "#### 72 of 100", false)]
    [InlineData("-3", "3", false)]
    [InlineData("-3", "the answer is -3", true)]
    [InlineData("7", "", false)]
    [InlineData("7", "seven", false)]
    [InlineData("Paris", " paris", true)]
    [InlineData("Paris", "Rome", false)]
    [InlineData("2", "99999999999999999999999999999999999999", false)]
    public void Answers_are_compared_as_numbers_where_they_are_numbers(string expected, string actual, bool equal) =>
        Assert.Equal(equal, new NumericAnswerComparer().AreEqual(expected, actual));
}
