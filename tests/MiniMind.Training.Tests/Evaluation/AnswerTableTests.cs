using System.Globalization;
using System.Text;

namespace MiniMind.Training.Tests;

/// <summary>Tables of expected answers, replies and verdicts. A false accept teaches a wrong trace, a refusal costs one sample.</summary>
public sealed class AnswerTableTests
{
    /// <summary><c>pairs.tsv</c> was used while the rules were written, <c>held-out.tsv</c> was not.</summary>
    [Theory]
    [InlineData("pairs.tsv", 300)]
    [InlineData("held-out.tsv", 100)]
    public void Under_two_of_a_hundred_accepted_are_wrong_and_under_ten_of_a_hundred_right_ones_are_refused(string file, int least)
    {
        var pairs = Read(file);
        var comparer = new NumericAnswerComparer();

        var judged = pairs.Select(p => (Pair: p, Accepted: comparer.AreEqual(p.Expected, p.Reply))).ToList();

        var wrong = judged.Where(j => j.Accepted && !j.Pair.IsEqual).ToList();
        var refused = judged.Where(j => !j.Accepted && j.Pair.IsEqual).ToList();
        var table = new StringBuilder();
        foreach (var kind in judged.GroupBy(j => j.Pair.Kind).OrderBy(g => g.Key, StringComparer.Ordinal).Append(judged.GroupBy(_ => "all").Single()))
            table.Append(CultureInfo.InvariantCulture, $"{kind.Key,-12} pairs {kind.Count(),4}  equal {kind.Count(j => j.Pair.IsEqual),4}  accepted wrongly {kind.Count(j => j.Accepted && !j.Pair.IsEqual),2}  refused {kind.Count(j => !j.Accepted && j.Pair.IsEqual),2}\n");
        foreach (var (pair, _) in wrong.Concat(refused))
            table.Append(pair.IsEqual ? "refused: " : "accepted wrongly: ").Append(pair).Append('\n');
        TestContext.Current.TestOutputHelper?.WriteLine(table.ToString());
        Assert.True(pairs.Count >= least && pairs.Count(p => !p.IsEqual) >= 0.45 * pairs.Count, $"{pairs.Count} pairs, {pairs.Count(p => !p.IsEqual)} of them false");
        Assert.True(wrong.Count < 0.02 * judged.Count(j => j.Accepted), table.ToString());
        Assert.True(refused.Count < 0.1 * pairs.Count(p => p.IsEqual), table.ToString());
    }

    private static List<Pair> Read(string file) =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Golden", "answers", file))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split('\t'))
            .Select(cells => new Pair(cells[0], Text(cells[1]), Text(cells[2]), cells[3] == "1")),
    ];

    private static string Text(string cell) => cell.Replace('⏎', '\n');

    private sealed record Pair(string Kind, string Expected, string Reply, bool IsEqual);
}
