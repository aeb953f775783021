using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using MiniMind.Training;

namespace MiniMind.Benchmarks;

/// <summary><c>epoch</c>: supervised tokens a second on a real mix of lengths, with only the work that reaches the loss, against the same code made
/// to work as the reference does: rows padded to the maximum, every position projected, fp32. Each runs in a process of its own, so that each has
/// its own peak of memory.</summary>
internal static class EpochBenchmark
{
    private const int WarmUpSteps = 8;
    private const string Speed = "supervised_tokens_per_second";

    /// <summary>What docs/performance.md advises for memory, for both kinds of work, unless the environment has its own. Only a starting process reads
    /// it.</summary>
    private static readonly Dictionary<string, string> MemorySettings = new()
    {
        ["GLIBC_TUNABLES"] = "glibc.malloc.tcache_count=0",
        ["DOTNET_GCgen0size"] = "0x400000",
    };

    private static readonly Option<string> Data = new("--data") { Required = true, Description = "JSONL of conversations" };
    private static readonly Option<string> Tokenizer = new("--tokenizer") { Required = true, Description = "the tokenizer's folder" };
    private static readonly Option<int> Steps = new("--steps") { DefaultValueFactory = _ => 40, Description = "steps that are timed" };
    private static readonly Option<int> Rounds = new("--rounds") { DefaultValueFactory = _ => 3, Description = "runs of each, by turns; figures are medians" };
    private static readonly Option<bool> Padded = new("--no-packing") { Description = "pad to the longest row instead of packing" };
    private static readonly Option<bool> Recompute = new("--recompute") { Description = "keep each block's input only" };
    private static readonly Option<string> Work = new("--work") { DefaultValueFactory = _ => "both", Description = "needed, reference or both" };

    public static Command Command()
    {
        Work.AcceptOnlyFromAmong("needed", "reference", "both");
        var command = ModelOptions.AddTo(new Command("epoch", "training on a real mix of lengths (--seq is the maximum length)"));
        foreach (var option in (Option[])[Data, Tokenizer, Steps, Rounds, Padded, Recompute, Work])
            command.Options.Add(option);
        command.SetAction((parsed, cancellationToken) => parsed.GetValue(Work) == "both" ? CompareAsync(parsed, cancellationToken) : RunAsync(parsed, cancellationToken));
        return command;
    }

    private static async Task<int> CompareAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (reference, needed) = (new List<Dictionary<string, string>>(), new List<Dictionary<string, string>>());
        for (var round = 0; round < parsed.GetValue(Rounds); round++)
        {
            reference.Add(await ChildAsync(parsed, "reference", cancellationToken));
            needed.Add(await ChildAsync(parsed, "needed", cancellationToken));
            Figure.Print($"speed_ratio_{round + 1}", MedianOf(needed[^1..], Speed) / MedianOf(reference[^1..], Speed));
        }

        foreach (var figure in (string[])[Speed, "peak_memory_mib", "memory_of_training_mib"])
        {
            Figure.Print($"reference_{figure}", MedianOf(reference, figure));
            Figure.Print($"needed_{figure}", MedianOf(needed, figure));
            Figure.Print($"ratio_{figure}", MedianOf(needed, figure) / MedianOf(reference, figure));
        }

        Figure.Print("loss_difference", Losses(needed[0]).Zip(Losses(reference[0]), (a, b) => Math.Abs(a - b) / b).Max());
        return 0;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (config, batch, seq, usesBf16) = ModelOptions.Apply(parsed);
        var asReference = parsed.GetValue(Work) == "reference";
        var tokenizer = MiniMindTokenizer.FromDirectory(parsed.GetValue(Tokenizer)!);
        using var dataset = SftDataset.Open(parsed.GetValue(Data)!, tokenizer, new SftDatasetOptions { MaxLength = seq }, cancellationToken);
        using var model = new MiniMindLM(config with { VocabSize = tokenizer.VocabSize }, seed: 1);
        var steps = WarmUpSteps + parsed.GetValue(Steps);
        var options = new ReasonDistillOptions
        {
            Device = "cpu",
            MaxSteps = steps,
            Precision = usesBf16 && !asReference ? TrainingPrecision.BFloat16 : TrainingPrecision.Float32,
            RecomputeActivations = parsed.GetValue(Recompute) && !asReference,
            Sampling = { BatchSize = batch },
        };
        if (asReference)
            (options.Loading.PadToLength, options.ProjectionChunk) = (seq - 1, int.MaxValue);
        else
            options.Loading.PackSequences = !parsed.GetValue(Padded);
        var times = new StepTimes();
        var atStart = Process.GetCurrentProcess().WorkingSet64;
        ISequenceLoss loss = new WeightedTagLoss(tokenizer);
        await using var trainer = new ReasonDistillTrainer(model, dataset, asReference ? new EveryPosition(loss) : loss, new CosineSchedule(5e-4), options, [times]);
        await trainer.RunAsync(cancellationToken);

        var seconds = times.Seconds.Skip(WarmUpSteps).Sum();
        var peak = Process.GetCurrentProcess().PeakWorkingSet64;
        Figure.Print(Speed, times.SupervisedTokens.Skip(WarmUpSteps).Sum() / seconds);
        Figure.Print("seconds", seconds);
        Figure.Print("peak_memory_mib", peak / 1048576.0);
        Figure.Print("memory_of_training_mib", (peak - atStart) / 1048576.0);
        Console.WriteLine($"losses={string.Join(',', times.Losses.Select(l => l.ToString("R", CultureInfo.InvariantCulture)))}");
        return 0;
    }

    private static async Task<Dictionary<string, string>> ChildAsync(ParseResult parsed, string work, CancellationToken cancellationToken)
    {
        string[] arguments = [Environment.GetCommandLineArgs()[0], .. parsed.Tokens.Select(t => t.Value), "--work", work];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true };
        foreach (var (name, value) in MemorySettings)
            start.Environment.TryAdd(name, value);
        using var child = Process.Start(start)!;
        var output = await child.StandardOutput.ReadToEndAsync(cancellationToken);
        await child.WaitForExitAsync(cancellationToken);
        return child.ExitCode == 0
            ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)).ToDictionary(p => p[0], p => p[1])
            : throw new InvalidOperationException($"the run of {work} work ended with {child.ExitCode}: {output}");
    }

    private static double MedianOf(IEnumerable<Dictionary<string, string>> runs, string name) =>
        Median.Of([.. runs.Select(figures => double.Parse(figures[name], CultureInfo.InvariantCulture))]);

    private static IEnumerable<double> Losses(Dictionary<string, string> figures) =>
        figures["losses"].Split(',').Select(l => double.Parse(l, CultureInfo.InvariantCulture));

    /// <summary>Selects every position, those that do not count with weight 0.</summary>
    private sealed class EveryPosition(ISequenceLoss loss) : ISequenceLoss
    {
        public LossTargets SelectTargets(Batch batch)
        {
            var counted = loss.SelectTargets(batch);
            var weights = new float[batch.Labels.Length];
            for (var i = 0; i < counted.Count; i++)
                weights[counted.Positions[i]] = counted.Weights[i];
            return counted with { Positions = [.. Enumerable.Range(0, weights.Length).Select(i => (long)i)], Labels = batch.Labels, Weights = weights };
        }

        public TorchSharp.torch.Tensor Sum(TorchSharp.torch.Tensor logits, TorchSharp.torch.Tensor labels, TorchSharp.torch.Tensor weights) =>
            loss.Sum(logits, labels, weights);
    }
}
