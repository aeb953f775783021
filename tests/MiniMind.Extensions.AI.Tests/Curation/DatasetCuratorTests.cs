using System.Text;
using System.Text.Json;
using CsCheck;
using MiniMind.Training;

namespace MiniMind.Extensions.AI.Tests;

public sealed class DatasetCuratorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-curate-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Input => Path.Combine(_folder, "in.jsonl");

    private string Output => Path.Combine(_folder, "out.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Lines_stay_as_they_are_and_what_occurred_before_goes()
    {
        string[] lines = [Line("What is 2 + 2?", "4"), "", Line("What is 2+2", "4!"), Line("What is 3 + 3?", "6") + "\r", Line("What is 2 + 2?", "5")];

        var report = await RunAsync(lines, new CurationOptions());

        Assert.Equal([lines[0], lines[3].TrimEnd(), lines[4]], Kept());
        Assert.Equal((4, 3, 1), (report.Seen, report.Kept, Taken(report, "duplicates")));
        Assert.Equal($"{Input}(3): the text occurred before", report.Filters.Single(f => f.Name == "duplicates").Examples[0]);
        Assert.Contains("| duplicates | 1 |", report.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("3 of 4 lines are kept", report.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_one_question_the_shortest_reasoning_is_kept()
    {
        var report = await RunAsync(
            [Line("2 + 2?", Think("2 and 2 more is four", 4)), Line("2 + 2?", Think("4", 4)), Line("3 + 3?", Think("long but alone", 6)), Line("2 + 2?", Think("2+2=4", 4))],
            new CurationOptions { PerProblem = new PerProblemLimit() });

        Assert.Equal([Line("2 + 2?", Think("4", 4)), Line("3 + 3?", Think("long but alone", 6))], Kept());
        Assert.Equal(2, Taken(report, "per problem"));
    }

    [Fact]
    public async Task A_harvests_sources_tell_problem_pass_rate_and_category()
    {
        string Sourced(string question, string problem, int right, string? category = null) => Line(question, "4", new { teacher = "t", problem, sample = 0, key = "k", replies = 4, right, category });
        string[] lines = [Sourced("easy?", "a", 4), Sourced("hard?", "b", 0), Sourced("fit?", "c", 2), Line("of somebody else?", "4"), Sourced("fit, asked otherwise?", "c", 2)];

        var report = await RunAsync(lines, new CurationOptions { PassRate = new PassRateWindow { Min = 0.2, Max = 0.9 }, PerProblem = new PerProblemLimit() });

        Assert.Equal([lines[2], lines[3]], Kept());
        Assert.Equal((2, 1), (Taken(report, "pass rate"), Taken(report, "per problem")));

        string[] many = [.. Enumerable.Range(0, 30).Select(i => Sourced($"sum {i}?", $"s{i}", 1, "sum")), .. Enumerable.Range(0, 5).Select(i => Sourced($"product {i}?", $"p{i}", 1, "product"))];
        await RunAsync(many, new CurationOptions { Balance = new CategoryBalance() });
        Assert.Equal((10, 5), (Kept().Count(l => l.Contains("sum ", StringComparison.Ordinal)), Kept().Count(l => l.Contains("product", StringComparison.Ordinal))));
        var first = Kept();
        await RunAsync(many, new CurationOptions { Balance = new CategoryBalance() });
        Assert.Equal(first, Kept());
    }

    [Fact]
    public async Task A_reply_that_goes_round_in_circles_goes()
    {
        var circle = string.Concat(Enumerable.Repeat("so we add two and two and get four again ", 20));

        await RunAsync([Line("two and two?", circle), Line("three and three?", "First take three, then add three more; counting on your fingers, that makes six altogether, which is the answer.")], new CurationOptions());

        Assert.Contains("three and three?", Assert.Single(Kept()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_scripts_go_where_they_are_not_wanted()
    {
        string[] lines = [Line("How many apples?", "Seven"), Line("有几个苹果？", "七个"), Line("Сколько яблок?", "Семь")];

        await RunAsync(lines, new CurationOptions { Scripts = new ScriptRule() });
        Assert.Equal([lines[0]], Kept());
        await RunAsync(lines, new CurationOptions { Scripts = new ScriptRule { Wanted = new HashSet<WritingScript> { WritingScript.Han, WritingScript.Cyrillic } } });
        Assert.Equal(lines[1..], Kept());
    }

    [Fact]
    public async Task Lengths_are_the_students_tokens()
    {
        var tokenizer = new BpeTrainer(new() { VocabSize = 300 }).Train(["What is the sum?"], Cancellation);
        string[] lines = [Line("What is the sum?", "4"), Line("What is the sum?", new string('x', 400)), Line("What is the product?", Think(new string('y', 60), 4))];
        var longest = tokenizer.EncodeChat([new("user", "What is the product?"), new("assistant", Think(new string('y', 60), 4))]).Length;

        await RunAsync(lines, new CurationOptions { Length = new LengthWindow { MaxTokens = longest } }, tokenizer);
        Assert.Equal([lines[0], lines[2]], Kept());
        await RunAsync(lines, new CurationOptions { Length = new LengthWindow { MaxTokens = longest, MaxReasoningTokens = 30 } }, tokenizer);
        Assert.Equal([lines[0]], Kept());
        Assert.Throws<ArgumentException>(() => new DatasetCurator(new CurationOptions { Length = new() }));
    }

    [Theory]
    [InlineData("Anna buys seven red apples and gives three of them away today, how many are left?", true)]
    [InlineData("Whoever has read that ANNA buys seven, red apples and gives three of them away knows it.", true)]
    [InlineData("Anna buys seven green apples and gives three of them away today, how many are left?", false)]
    [InlineData("小明有七个红苹果给了三个还剩几个", true)]
    [InlineData("小明有七个青苹果给了三个", false)]
    public async Task Questions_that_share_a_passage_with_held_out_problems_go(string question, bool goes)
    {
        var rule = new DecontaminationRule { HeldOut = ["Anna buys seven red apples and gives three of them away.", "小明有七个红苹果给了三个"] };

        var report = await RunAsync([Line(question, "4")], new CurationOptions { Decontamination = rule });

        Assert.Equal(goes ? 1 : 0, Taken(report, "held-out problems"));
    }

    [Fact]
    public async Task Near_duplicates_are_told_by_what_they_share()
    {
        const string text = "The farmer has twelve cows and sells five of them at the market in the morning before he walks home along the river with his old dog, as he does every week when the weather is good and the roads are dry";
        var other = text.Replace("old dog", "young dog", StringComparison.Ordinal);
        var different = text.Replace("twelve cows", "nine sheep", StringComparison.Ordinal).Replace("market", "fair", StringComparison.Ordinal).Replace("river", "road", StringComparison.Ordinal);

        var report = await RunAsync([Line(text, "7"), Line(other, "7"), Line(different, "4")], new CurationOptions { NearDuplicates = new NearDuplicateRule() });

        Assert.Equal([Line(text, "7"), Line(different, "4")], Kept());
        Assert.Contains($"like {Input}(1)", report.Filters.Single(f => f.Name == "near duplicates").Examples[0], StringComparison.Ordinal);
    }

    /// <summary>Texts made to share a known part; the exact similarity decides what is right.</summary>
    [Fact]
    public async Task Nearly_all_near_duplicates_are_found_and_nothing_else()
    {
        var random = new Random(11);
        string Words(int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ => $"w{random.Next(5000)}"));
        var (texts, pairs) = (new List<string>(), new List<double>());
        for (var i = 0; i < 400; i++)
        {
            var words = Words(80).Split(' ');
            texts.Add(string.Join(' ', words));
            for (var changes = random.Next(1, 8); changes > 0; changes--)
                words[random.Next(words.Length)] = $"x{random.Next(5000)}";
            texts.Add(string.Join(' ', words));
        }

        for (var i = 0; i < texts.Count; i += 2)
            pairs.Add(Jaccard(texts[i] + "\n1", texts[i + 1] + "\n1"));
        await RunAsync([.. texts.Select(t => Line(t, "1"))], new CurationOptions { Duplicates = null, NearDuplicates = new NearDuplicateRule() });

        var kept = Kept().ToHashSet(StringComparer.Ordinal);
        var (missed, found) = (0, 0);
        for (var i = 0; i < pairs.Count; i++)
        {
            var isKept = kept.Contains(Line(texts[(2 * i) + 1], "1"));
            Assert.True(pairs[i] >= 0.8 || isKept, $"a text with a similarity of {pairs[i]} was left out");
            (missed, found) = pairs[i] < 0.8 ? (missed, found) : isKept ? (missed + 1, found) : (missed, found + 1);
        }

        Assert.True(found > 100 && missed <= 0.02 * (found + missed), $"{found} found, {missed} missed");
    }

    [Fact]
    public async Task Faulty_lines_are_refused_by_name_or_counted()
    {
        string[] lines = [Line("1 + 1?", "2"), "{\"conversations\": 7}", "no JSON"];

        var exception = await Assert.ThrowsAsync<DatasetException>(() => RunAsync(lines, new CurationOptions()));
        Assert.Equal(2, exception.Line);
        Assert.False(File.Exists(Output));
        var report = await RunAsync(lines, new CurationOptions { InvalidLines = InvalidExamplePolicy.Skip });
        Assert.Equal((2, 1), (Taken(report, "no conversation"), report.Kept));
    }

    [Fact]
    public async Task A_cancelled_curation_writes_nothing()
    {
        File.WriteAllLines(Input, Enumerable.Range(0, 20_000).Select(i => Line($"{i}?", "1")));
        File.WriteAllText(Output, "old");
        using var stop = new CancellationTokenSource();
        var progress = new Reporting(stop.Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new DatasetCurator(new CurationOptions()).RunAsync([Input], Output, progress, stop.Token));

        Assert.Equal("old", File.ReadAllText(Output));
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public void What_is_kept_are_lines_of_the_input_in_order_and_a_second_curation_takes_nothing_more() =>
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, 3], Gen.Int[0, 4]).List[1, 60].Sample(rows =>
        {
            string[] lines = [.. rows.Select(r => Line($"Question number {r.Item1} with some words in it?", Think(new string('a', 1 + r.Item2), r.Item3)))];
            var options = new CurationOptions { NearDuplicates = new NearDuplicateRule { Threshold = 0.9 }, PerProblem = new PerProblemLimit { Count = 2 } };
            RunAsync(lines, options).GetAwaiter().GetResult();
            var first = Kept();
            RunAsync(first, options).GetAwaiter().GetResult();
            var at = 0;
            foreach (var line in lines)
                at += at < first.Length && first[at] == line ? 1 : 0;
            return at == first.Length && Kept().SequenceEqual(first);
        }, iter: 30, threads: 1);

    [Fact]
    public async Task Several_files_are_one()
    {
        File.WriteAllText(Input, Line("1 + 1?", "2") + "\n" + Line("2 + 2?", "4"));
        var second = Path.Combine(_folder, "second.jsonl");
        File.WriteAllLines(second, [Line("2 + 2?", "4"), Line("3 + 3?", "6")]);

        var report = await new DatasetCurator(new CurationOptions()).RunAsync([Input, second], Output, cancellationToken: Cancellation);

        Assert.Equal((4, 3), (report.Seen, report.Kept));
        Assert.StartsWith($"{second}(1)", report.Filters[0].Examples[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Every_wrong_setting_is_named() =>
        Assert.Equal(3, Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => new DatasetCurator(new CurationOptions
        {
            NearDuplicates = new NearDuplicateRule { Threshold = 2 },
            PerProblem = new PerProblemLimit { Count = 0 },
            Decontamination = new DecontaminationRule(),
        })).Failures.Count());

    private static double Jaccard(string a, string b)
    {
        HashSet<ulong> Passages(string text) => [.. WordStream.Passages(WordStream.Read(text), 3)];
        var (x, y) = (Passages(a), Passages(b));
        var shared = x.Intersect(y).Count();
        return (double)shared / (x.Count + y.Count - shared);
    }

    private static string Think(string reasoning, int answer) => ReasoningReply.Compose(reasoning, $"{answer}");

    private static string Line(string question, string reply, object? source = null)
    {
        object turns = new object[] { new { role = "user", content = question }, new { role = "assistant", content = reply } };
        var options = new JsonSerializerOptions { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };
        return source is null ? JsonSerializer.Serialize(new { conversations = turns }, options) : JsonSerializer.Serialize(new { conversations = turns, source }, options);
    }

    private static long Taken(CurationReport report, string filter) => report.Filters.Single(f => f.Name == filter).Taken;

    private string[] Kept() => File.ReadAllLines(Output);

    private Task<CurationReport> RunAsync(string[] lines, CurationOptions options, MiniMindTokenizer? tokenizer = null)
    {
        File.WriteAllText(Input, string.Join('\n', lines), new UTF8Encoding(false));
        return new DatasetCurator(options, tokenizer).RunAsync([Input], Output, cancellationToken: Cancellation);
    }

    private sealed class Reporting(Action action) : IProgress<CurationProgress>
    {
        public void Report(CurationProgress value) => action();
    }
}
