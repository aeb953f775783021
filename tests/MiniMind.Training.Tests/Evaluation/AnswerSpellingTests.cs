using System.Globalization;
using CsCheck;
using MiniMind.Tests;

namespace MiniMind.Training.Tests;

/// <summary>A value equals all of its spellings and differs from its neighbours under all of them.</summary>
public sealed class AnswerSpellingTests
{
    private const string Below20 = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen";

    private static readonly NumericAnswerComparer Comparer = new();

    [Fact]
    public void A_whole_number_equals_its_spellings_and_not_those_of_its_neighbours() =>
        Gen.OneOf(Gen.Int[-1_000, 1_000], Gen.Int[-999_999_999, 999_999_999]).Sample(
            number =>
            {
                var neighbours = new[] { number - 1, number + 1, -number - (number == 0 ? 1 : 0), number * 10L + 1 };
                foreach (var spelling in Spellings(number))
                {
                    Assert.True(Comparer.AreEqual(Text(number), spelling), $"{number} = {spelling}");
                    foreach (var neighbour in neighbours)
                        Assert.False(Comparer.AreEqual(Text(neighbour), spelling), $"{neighbour} != {spelling}");
                }
            },
            iter: 100);

    [Fact]
    public void A_fraction_equals_its_spellings_and_not_those_of_its_neighbours() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[2, 40], Gen.Bool).Sample(
            (n, d, negative) =>
            {
                var sign = negative ? "-" : "";
                string[] spellings =
                [
                    $"{sign}{n}/{d}", $"{sign}{3 * n}/{3 * d}", $"{sign}\\frac{{{n}}}{{{d}}}", $"${sign}\\dfrac{{{n}}}{{{d}}}$", $"\\boxed{{{sign}\\frac{{{n}}}{{{d}}}}}", $"x = {sign}{n}/{d}",
                    $"{(negative ? "负" : "")}{Chinese(d)}分之{Chinese(n)}", .. n > d && n % d != 0 ? (string[])[$"{sign}{n / d} {n % d}/{d}", $"{sign}{n / d}\\frac{{{n % d}}}{{{d}}}"] : [],
                ];
                foreach (var spelling in spellings)
                {
                    Assert.True(Comparer.AreEqual($"{sign}{n}/{d}", spelling), $"{sign}{n}/{d} = {spelling}");
                    Assert.False(Comparer.AreEqual($"{sign}{n + 1}/{d}", spelling), $"{n + 1}/{d} != {spelling}");
                    Assert.False(Comparer.AreEqual($"{sign}{n}/{d + 1}", spelling), $"{n}/{d + 1} != {spelling}");
                    Assert.False(Comparer.AreEqual($"{(negative ? "" : "-")}{n}/{d}", spelling), $"the sign of {spelling}");
                }
            },
            iter: 100);

    /// <summary>Every gold answer of GSM8K's training split, from a sample of its rows.</summary>
    [Fact]
    public void A_gold_answer_of_GSM8K_equals_itself_and_its_spellings_and_not_its_neighbours()
    {
        var solutions = File.ReadLines(SharedFiles.Require("data", "gsm8k", "train.jsonl")).Where((_, i) => i % 25 == 0)
            .Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("answer").GetString()!)
            .ToList();
        Assert.True(solutions.Count > 250);

        foreach (var solution in solutions)
        {
            var gold = solution[(solution.IndexOf("####", StringComparison.Ordinal) + 4)..].Trim();
            var value = decimal.Parse(gold, NumberStyles.Number, CultureInfo.InvariantCulture);
            string[] replies = [gold, solution, $"#### {gold}", $"So it is {gold}.", $"The answer is ${gold}.", $"\\boxed{{{gold}}}", $"答案是{gold}。", $"{gold}.00"[..(gold.Contains('.', StringComparison.Ordinal) ? gold.Length : gold.Length + 3)]];
            foreach (var reply in replies)
            {
                Assert.True(Comparer.AreEqual(gold, reply), $"{gold} = {reply}");
                Assert.True(Comparer.AreEqual(solution, reply), $"{gold} = {reply}");
                Assert.False(Comparer.AreEqual((value + 1).ToString(CultureInfo.InvariantCulture), reply), $"{value + 1} != {reply}");
                Assert.False(Comparer.AreEqual((value - 1).ToString(CultureInfo.InvariantCulture), reply), $"{value - 1} != {reply}");
            }
        }
    }

    private static IEnumerable<string> Spellings(int number)
    {
        var digits = Text(Math.Abs((long)number));
        var grouped = Math.Abs((long)number).ToString("N0", CultureInfo.InvariantCulture);
        var sign = number < 0 ? "-" : "";
        foreach (var text in (string[])[digits, digits + ".0", grouped, grouped.Replace(",", "{,}", StringComparison.Ordinal), grouped.Replace(',', '\u202F'), grouped.Replace(',', '\''), grouped.Replace(",", @"\,", StringComparison.Ordinal)])
        {
            yield return sign + text;
            yield return (number < 0 ? "\u2212" : "") + text;
        }

        yield return sign + Scripted(digits, '０');
        yield return sign + Scripted(digits, '٠');
        yield return sign + Scripted(digits, '०');
        yield return $"{sign}${grouped}";
        yield return $"{sign}{grouped} dollars";
        yield return $"{sign}{digits} apples";
        yield return $"${sign}{digits}$";
        yield return $"\\text{{{sign}{digits}}}";
        yield return $"**{sign}{digits}**";
        yield return $"n = {sign}{digits}";
        yield return $"Let us see.\n#### {sign}{digits}";
        yield return $"Therefore $x = \\boxed{{{sign}{digits}}}$.";
        yield return $"The answer is {sign}{digits}, not {number + 5L}.";
        yield return $"{sign}{digits}e0";
        yield return $"{sign}{digits} \\times 10^{{0}}";
        yield return (number < 0 ? "负" : "") + Chinese(Math.Abs(number));
        yield return (number < 0 ? "minus " : "") + English(Math.Abs(number));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Scripted(string digits, char zero) => string.Concat(digits.Select(c => (char)(zero + (c - '0'))));

    private static string English(int number)
    {
        var below20 = Below20.Split(' ');
        var tens = "twenty thirty forty fifty sixty seventy eighty ninety".Split(' ');
        return number switch
        {
            < 20 => below20[number],
            < 100 => tens[(number / 10) - 2] + (number % 10 > 0 ? "-" + below20[number % 10] : ""),
            < 1_000 => $"{below20[number / 100]} hundred{(number % 100 > 0 ? " and " + English(number % 100) : "")}",
            < 1_000_000 => $"{English(number / 1_000)} thousand{(number % 1_000 > 0 ? " " + English(number % 1_000) : "")}",
            _ => $"{English(number / 1_000_000)} million{(number % 1_000_000 > 0 ? " " + English(number % 1_000_000) : "")}",
        };
    }

    private static string Chinese(int number)
    {
        const string Digits = "零一二三四五六七八九";
        string Part(int value, int unit, string name) => Chinese(value / unit) + name + (value % unit == 0 ? "" : (value % unit < unit / 10 ? "零" : "") + Chinese(value % unit));
        return number switch
        {
            < 10 => Digits[number].ToString(),
            < 20 => "十" + (number == 10 ? "" : Digits[number - 10]),
            < 100 => $"{Digits[number / 10]}十{(number % 10 == 0 ? "" : Digits[number % 10])}",
            < 1_000 => Part(number, 100, "百").Replace("百十", "百一十", StringComparison.Ordinal),
            < 10_000 => Part(number, 1_000, "千").Replace("零十", "零一十", StringComparison.Ordinal),
            < 100_000_000 => Part(number, 10_000, "万").Replace("零十", "零一十", StringComparison.Ordinal),
            _ => Part(number, 100_000_000, "亿").Replace("零十", "零一十", StringComparison.Ordinal),
        };
    }
}
