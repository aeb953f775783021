using System.CommandLine;
using MiniMind.Training;
using static TorchSharp.torch;

namespace MiniMind.Benchmarks;

/// <summary><c>train</c>: tokens a second of the whole training step, and which part of this machine's matrix-product rate that is.</summary>
internal static class TrainBenchmark
{
    private static readonly Option<int> Steps = new("--steps") { DefaultValueFactory = _ => 12, Description = "steps that are timed" };
    private static readonly Option<bool> Recompute = new("--recompute") { Description = "keep each block's input only" };
    private static readonly Option<bool> Profile = new("--profile") { Description = "also time the step's parts" };

    private static readonly Option<int> Chunk = new("--chunk")
    {
        DefaultValueFactory = _ => new ReasonDistillOptions().ProjectionChunk,
        Description = "positions whose logits exist at a time",
    };

    private const int WarmUpSteps = 3;

    public static Command Command()
    {
        var command = ModelOptions.AddTo(new Command("train", "training steps on full rows, every token supervised"));
        foreach (var option in (Option[])[Steps, Recompute, Chunk, Profile])
            command.Options.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (config, batch, seq, usesBf16) = ModelOptions.Apply(parsed);
        var dtype = usesBf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        var work = new TrainingWork(config, batch, seq);
        // On a thread that ends: OpenMP's workers of one that stays would make those of the trainer's thread sleep instead of wait.
        (double Median, double Best) ceiling = default;
        var measuring = new Thread(() => ceiling = work.MeasureProducts(dtype));
        measuring.Start();
        measuring.Join();

        using var model = new MiniMindLM(config, seed: 1);
        var options = new ReasonDistillOptions
        {
            Device = "cpu",
            Precision = usesBf16 ? TrainingPrecision.BFloat16 : TrainingPrecision.Float32,
            RecomputeActivations = parsed.GetValue(Recompute),
            ProjectionChunk = parsed.GetValue(Chunk),
            Sampling = { BatchSize = batch },
        };
        var steps = WarmUpSteps + parsed.GetValue(Steps);
        var times = new StepTimes();
        await using (var trainer = new ReasonDistillTrainer(
            model, RandomRows.Create(config, steps * batch, seq, seq), WeightedTagLoss.FromTagIds([[30, 450], [32]]), new CosineSchedule(5e-4), options, [times]))
            await trainer.RunAsync(cancellationToken);

        var timed = times.Seconds[WarmUpSteps..];
        var seconds = Median.Of(timed);
        Figure.Print("tokens_per_second", batch * seq / seconds);
        Figure.Print("step_seconds", seconds);
        Figure.Print("step_seconds_best", timed.Min());
        Figure.Print("gflops_model", work.Flops / seconds / 1e9);
        Figure.Print("gflops_products", ceiling.Median / 1e9);
        Figure.Print("gflops_products_best", ceiling.Best / 1e9);
        Figure.Print("ceiling_fraction", work.Flops / seconds / ceiling.Median);
        Figure.Print("ceiling_fraction_best", work.Flops / timed.Min() / ceiling.Best);
        Figure.Print("peak_memory_mib", System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0);
        Figure.Print("loss_last", times.Losses[^1]);
        if (parsed.GetValue(Profile))
            new StepProfile(model, batch, seq, dtype).Print(seconds);
        return 0;
    }
}
