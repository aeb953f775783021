using System.Xml.Linq;
using Microsoft.Extensions.Options;

namespace MiniMind.Training.Tests;

public sealed class RunReportTests : IDisposable
{
    private static readonly Conversation[] Lessons = [.. Enumerable.Range(1, 6).Select(i => new Conversation(
    [
        new ChatTurn("user", $"{i}?"),
        new ChatTurn("assistant", $"<think>\n{i}\n</think>\n<answer>\n{i}\n</answer>"),
    ]))];

    private static readonly MiniMindTokenizer Tokenizer = new BpeTrainer(new BpeTrainerOptions
    {
        VocabSize = 265,
        AddedTokens = ["<think>", "</think>", "<answer>", "</answer>"],
    }).Train([], TestContext.Current.CancellationToken);

    private readonly string _folder = TinyRun.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string ReportPath => Path.Combine(_folder, "run", "report.html");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_report_of_a_run_holds_its_figures()
    {
        using var model = new MiniMindLM(TinyRun.Config with { VocabSize = Tokenizer.VocabSize, MaxSeqLen = 128 }, seed: 1);
        using var dataset = SftDataset.FromConversations(Lessons, Tokenizer, new SftDatasetOptions { MaxLength = 128 });
        var evaluator = new ReasoningEvaluator(
            [.. Lessons.Select(ReasoningProblem.FromConversation)], Tokenizer, new() { Generation = new() { MaxNewTokens = 8 } }, [.. dataset]);
        var evaluation = new EvaluateReasoning(evaluator);
        var before = evaluator.Evaluate(model, cancellationToken: Cancel);
        var (loss, schedule) = (new WeightedTagLoss(Tokenizer), new CosineSchedule(1e-3));
        var report = new RunReport(new RunReportOptions
        {
            Path = ReportPath,
            Title = "A <tiny> run & its page",
            Dataset = dataset,
            Loss = loss,
            Schedule = schedule,
            Evaluation = evaluation,
            BeforeTraining = before,
        });
        var options = new ReasonDistillOptions { Device = "cpu", Epochs = 2, Sampling = { BatchSize = 2 } };
        await using var trainer = new ReasonDistillTrainer(model, dataset, loss, schedule, options, [evaluation, report]);

        await trainer.RunAsync(Cancel);

        var page = Load();
        var text = page.Root!.Value;
        Assert.Equal("A <tiny> run & its page", page.Descendants("h1").Single().Value);
        Assert.All(
            [
                "all steps done. Step 6 of 6", $"Run {trainer.RunId}", $"{Figures.Count(dataset.Measure(Cancel).SupervisedTokenCount)} (", "CosineSchedule",
                "WeightedTagLoss with weight 10", "Planned rate", "cpu", "No row was skipped", "After step 6", "Before training",
            ],
            expected => Assert.Contains(expected, text, StringComparison.Ordinal));
        var last = evaluation.Last!;
        Assert.Equal(
            $"{Figures.Number(last.HeldOutLoss!.Value)} ({Figures.Number(last.Perplexity!.Value)})", Cell(page, "Held-out loss, nats per token (perplexity)"));
        Assert.Equal($"{Figures.Percent(last.Accuracy)} ({Figures.Range(last.AccuracyInterval)})", Cell(page, "Accuracy (95 % interval)"));
        Assert.Equal(Figures.Count(model.ParameterCount), Cell(page, "Parameters"));
        Assert.Equal("6", Cell(page, "Examples"));
        Assert.Equal(
            ["Training loss", "Held-out loss", "Accuracy and format", "Learning rate", "Gradient norm", "Tokens per second", "Lengths of the examples"],
            page.Descendants("figcaption").Select(f => f.Element("h3")!.Value));
        Assert.Equal(7, page.Descendants("svg").Count());
        // Before training and after each of two epochs.
        Assert.Equal(3 + 3, page.Descendants("circle").Count());
        Assert.Equal(3, page.Descendants("rect").Count());
        Assert.Equal(4, page.Descendants("article").Count());
        Assert.Equal(["report.html"], Directory.EnumerateFiles(Path.GetDirectoryName(ReportPath)!).Select(Path.GetFileName));
    }

    [Fact]
    public async Task The_page_is_well_formed_and_refers_to_nothing_outside()
    {
        await RunAsync(epochs: 1, Cancel, new HeldOutLoss(TinyRun.Examples(3, seed: 2)));

        var (page, text) = (Load(), await File.ReadAllTextAsync(ReportPath, Cancel));
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\">", text, StringComparison.Ordinal);
        Assert.DoesNotContain("://", text, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", text, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", text, StringComparison.Ordinal);
        Assert.Empty(page.Descendants("script"));
        Assert.DoesNotContain(page.Descendants().Attributes(), a => a.Name.LocalName.StartsWith("on", StringComparison.Ordinal) || a.Name.LocalName == "src");
        Assert.All(page.Descendants().Attributes("href"), a => Assert.True(a.Value[0] == '#' || a.Value == "data:,", a.Value));
        Assert.All(page.Descendants("a"), a => Assert.Contains(page.Descendants().Attributes("id"), id => "#" + id.Value == a.Attribute("href")!.Value));
        Assert.All(page.Descendants("figure"), f => Assert.NotNull(f.Element("figcaption")));
        Assert.All(page.Descendants("table"), t => Assert.NotNull(t.Element("caption")));
        // A browser reads a style as it stands.
        Assert.Equal(page.Descendants("style").Single().Value, text.Split("<style>")[1].Split("</style>")[0]);
    }

    [Fact]
    public void A_reply_cannot_become_markup()
    {
        const string evil = "<script>alert(1)</script> & \"'\u0000\u001b\ud800]]>\r\n<think>x</think>";
        var evaluation = ReasoningEvaluation.Of(
            [EvaluatedReplies.Create(0, 0, evil, isRight: true, category: evil), EvaluatedReplies.Create(1, 0, "2", isRight: false)],
            new NumericAnswerComparer(),
            heldOutLoss: null,
            TimeSpan.Zero);
        var section = new EvaluationSection(new EvaluationLog(), before: null, evaluation, lastStep: 3, examples: 2).Create();

        PageFile.Write(ReportPath, section);

        var (page, text) = (Load(), File.ReadAllText(ReportPath));
        Assert.DoesNotContain("<script", text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(1)", text, StringComparison.Ordinal);
        Assert.Empty(page.Descendants("script"));
        var written = page.Descendants("dd").First(d => d.Attribute("class")!.Value == "text written");
        Assert.Equal("<script>alert(1)</script> & \"'\uFFFD\uFFFD\uFFFD]]>\r\n<think>x</think>", written.Value);
        Assert.Equal(["<think>", "</think>"], written.Elements("span").Select(s => s.Value));
        Assert.Equal(["Problem 1: right, format not kept", "Problem 2: wrong, format not kept"], page.Descendants("h4").Select(h => h.Value));
    }

    [Fact]
    public void A_page_of_a_hundred_thousand_steps_is_no_larger_than_one_of_a_few_thousand()
    {
        XElement Page(long steps)
        {
            var curves = new RunCurves(0.98);
            for (var step = 1L; step <= steps; step++)
                curves.Add(Progress(step, steps));
            return new CurveSection(curves, Axis.Steps(0, steps), Facts()).Create();
        }

        var (some, many) = (Page(2048).ToString().Length, Page(100_000).ToString());

        Assert.InRange(many.Length, some / 3, 2 * some);
        Assert.Contains("a mark stands for 64 values", many, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_fails_or_is_cancelled_leaves_a_page_that_says_so()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(epochs: 3, stop.Token, new OnStep(2, _ => stop.Cancel())));
        Assert.Contains("cancelled. Step 2 of 9", Load().Root!.Value, StringComparison.Ordinal);

        await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync(epochs: 3, Cancel, new OnStep(3, _ => throw new InvalidDataException("a <fault>"))));
        Assert.Contains("failed: a <fault>", Load().Root!.Value, StringComparison.Ordinal);

        await RunAsync(epochs: 3, Cancel, new OnStep(1, a => a.Control.RequestStop("enough")));
        Assert.Contains("stopped: enough. Step 1 of 9", Load().Root!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_is_there_after_each_epoch_and_a_resumed_run_says_where_it_begins()
    {
        var seen = new List<bool>();
        await RunAsync(
            epochs: 2,
            Cancel,
            new OnStep(4, _ => seen.Add(Load().Root!.Value.Contains("running. Step 3 of 6", StringComparison.Ordinal))),
            new CheckpointWriter(new() { Directory = _folder }));
        Assert.Equal([true], seen);

        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = TinyRun.Trainer(
            model, TinyRun.Examples(6), TinyRun.Options() with { Epochs = 2 }, new RunReport(new() { Path = ReportPath }));
        await trainer.ResumeAsync(Path.Combine(_folder, "step-00000003"), Cancel);
        await trainer.RunAsync(Cancel);
        Assert.Contains("steps 1 to 3 were done before", Load().Root!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_wrong_setting_is_named()
    {
        var fault = Assert.Throws<OptionsValidationException>(() => new RunReport(new() { Path = " ", Title = "", Examples = -1, MeanDecay = 1 }));

        Assert.Equal(4, fault.Failures.Count());
    }

    private static string Cell(XDocument page, string name) => page.Descendants("tr").Single(r => r.Element("th")?.Value == name).Element("td")!.Value;

    private static TrainingProgress Progress(long step, long steps) => new()
    {
        Epoch = 0,
        Epochs = 1,
        StepInEpoch = (int)step - 1,
        StepsPerEpoch = (int)steps,
        Step = step,
        TotalSteps = steps,
        LearningRate = 1e-3,
        Loss = 5 + Math.Sin(step),
        GradientNorm = 1,
        OptimizerStepped = true,
        AccumulationSteps = 1,
        Tokens = 100 * step,
        SupervisedTokens = 50 * step,
        Elapsed = TimeSpan.FromSeconds(step),
    };

    private static RunFacts Facts() => new()
    {
        RunId = "0",
        StartStep = 0,
        TotalSteps = 1,
        GradientClip = 1,
        MeanDecay = 0.98,
        HasTagWeights = false,
        Model = [],
        Training = [],
        Machine = [],
    };

    private async Task RunAsync(int epochs, CancellationToken cancellation, params ITrainingCallback[] callbacks)
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        await using var trainer = TinyRun.Trainer(
            model, TinyRun.Examples(6), TinyRun.Options() with { Epochs = epochs }, [.. callbacks, new RunReport(new() { Path = ReportPath })]);
        await trainer.RunAsync(cancellation);
    }

    private XDocument Load() => XDocument.Load(ReportPath, LoadOptions.PreserveWhitespace);
}
