using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace MiniMind.Training.Tests;

public sealed class NumericAnswerComparerTests
{
    [Theory]
    [InlineData("18", "18", true)]
    [InlineData("18", " 18.0 \n", true)]
    [InlineData("1234.5", "$1,234.50", true)]
    [InlineData("50", "50%", true)]
    [InlineData("72", "She sold 48+24=72 clips.\n#### 72", true)]
    [InlineData("She sold 48+24=72 clips.\n#### 72", "\\boxed{72}", true)]
    [InlineData("72", "#### 72 of 100", false)]
    [InlineData("-3", "3", false)]
    [InlineData("-3", "the answer is -3", true)]
    [InlineData("7", "", false)]
    [InlineData("7", "seven", true)]
    [InlineData("Paris", " paris", true)]
    [InlineData("Paris", "Rome", false)]
    [InlineData("2", "99999999999999999999999999999999999999", false)]
    [InlineData("", "", true)]
    [InlineData("", "7", false)]
    public void Answers_are_compared_by_what_they_mean(string expected, string actual, bool equal) =>
        Assert.Equal(equal, new NumericAnswerComparer().AreEqual(expected, actual));

    [Theory]
    [InlineData("100", "101", true)]
    [InlineData("100", "102", false)]
    [InlineData("-100", "-99", true)]
    [InlineData("1/3", "0.333", true)]
    [InlineData("(1, 3)", "(1, 2.99)", true)]
    [InlineData("\\pi", "3.14", true)]
    [InlineData("5 km", "5010 m", true)]
    [InlineData("0", "0.001", false)]
    [InlineData("3:4", "3.01:4", false)]
    [InlineData("2024-03-05", "2024-03-06", false)]
    public void A_relative_tolerance_is_a_part_of_the_expected_number(string expected, string actual, bool equal)
    {
        Assert.Equal(equal, new NumericAnswerComparer(new NumericAnswerComparerOptions { RelativeTolerance = 0.01 }).AreEqual(expected, actual));
        Assert.False(new NumericAnswerComparer().AreEqual(expected, actual));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.0)]
    [InlineData(double.NaN)]
    public void A_tolerance_out_of_range_is_refused(double tolerance) =>
        Assert.Throws<OptionsValidationException>(() => new NumericAnswerComparer(new NumericAnswerComparerOptions { RelativeTolerance = tolerance }));

    /// <summary>Each of these once took, or could take, time that grows with the square of the length.</summary>
    [Theory]
    [InlineData("1")]
    [InlineData("1,")]
    [InlineData("= ")]
    [InlineData("answer ")]
    [InlineData("the answer is 1 ")]
    [InlineData("#### 1 ")]
    [InlineData("\\boxed{")]
    [InlineData("$ ")]
    [InlineData("(")]
    [InlineData("<answer>")]
    [InlineData("二")]
    [InlineData("\\begin{")]
    [InlineData("1\\frac{")]
    [InlineData("half ")]
    public void A_long_reply_is_judged_quickly_whatever_it_holds(string piece)
    {
        var reply = string.Concat(Enumerable.Repeat(piece, 600_000 / piece.Length));
        var comparer = new NumericAnswerComparer();
        comparer.AreEqual("72", piece);

        var watch = Stopwatch.StartNew();
        comparer.AreEqual("72", reply);
        comparer.AreEqual("Paris", reply + " 72");

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(4), $"{watch.Elapsed}");
    }

    [Theory]
    [InlineData("1e999999999")]
    [InlineData("10^{999999999}")]
    [InlineData("2^{2^{2^{2^{2^{2}}}}}")]
    [InlineData("999999!")]
    [InlineData("(a+b+c+d)^{99}")]
    [InlineData("((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1")]
    [InlineData("1\\frac{1\\frac{1\\frac{1\\frac{1\\frac{1\\frac{1\\frac{1\\frac{1\\frac{1\\frac{1\\frac{1\\frac{1\\frac{1\\frac{1\\frac{1\\frac{1}")]
    public void What_is_too_large_to_compute_equals_only_itself(string text)
    {
        var comparer = new NumericAnswerComparer();
        var watch = Stopwatch.StartNew();

        Assert.True(comparer.AreEqual(text, $"The answer is {text}"));
        Assert.False(comparer.AreEqual(text, "1"));
        Assert.False(comparer.AreEqual("1", $"The answer is {text}"));

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"{watch.Elapsed}");
    }

    [Fact]
    public void The_culture_of_the_thread_does_not_matter()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (culture.NumberFormat.NumberDecimalSeparator, culture.NumberFormat.NumberGroupSeparator, culture.NumberFormat.NegativeSign) = (",", ".", "~");
            CultureInfo.CurrentCulture = culture;

            Assert.True(new NumericAnswerComparer().AreEqual("-1234.5", "-1,234.50"));
            Assert.True(new NumericAnswerComparer().AreEqual("-2\\sqrt{3}", "-\\sqrt{12}"));
            Assert.False(new NumericAnswerComparer().AreEqual("1.5", "15"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
