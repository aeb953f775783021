using System.CommandLine;
using System.Diagnostics;
using MiniMind.Training;
using MiniMind.Training.Mpi;
using TorchSharp;

namespace MiniMind.Benchmarks;

/// <summary><c>ranks</c>, started by an MPI launcher or alone: tokens a second of all ranks together, and how much of a step is waiting and how much is reduction.</summary>
internal static class RanksBenchmark
{
    private const int WarmUpSteps = 3;
    private const int Reductions = 15;
    private const int ShortestRow = 20;

    private static readonly Option<int> Steps = new("--steps") { DefaultValueFactory = _ => 12, Description = "optimizer steps that are timed" };
    private static readonly Option<int> Accumulation = new("--accumulation") { DefaultValueFactory = _ => 1, Description = "micro-batches an optimizer step" };
    private static readonly Option<bool> Spread = new("--spread") { Description = $"rows of {ShortestRow} to --seq tokens in equal shares, packed, instead of full ones" };
    private static readonly Option<bool> Balance = new("--balance") { Description = "share batches out by tokens (Sampling.BalanceTokens)" };

    public static Command Command()
    {
        var command = ModelOptions.AddTo(new Command("ranks", "data-parallel training steps; start it with mpirun, or alone for comparison"));
        foreach (var option in (Option[])[Steps, Accumulation, Spread, Balance])
            command.Options.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (config, batch, seq, usesBf16) = ModelOptions.Apply(parsed);
        using var ranks = MpiCollective.StartIfLaunched();
        using var model = new MiniMindLM(config, seed: 1);
        var reduction = MeasureReduction(ranks, model.ParameterCount);

        var (steps, accumulation) = (WarmUpSteps + parsed.GetValue(Steps), parsed.GetValue(Accumulation));
        var options = new ReasonDistillOptions
        {
            Device = "cpu",
            Precision = usesBf16 ? TrainingPrecision.BFloat16 : TrainingPrecision.Float32,
            AccumulationSteps = accumulation,
            Sampling = { BatchSize = batch, BalanceTokens = parsed.GetValue(Balance) },
            Loading = { PackSequences = parsed.GetValue(Spread) },
        };
        using var timed = new TimedCollective(ranks);
        var clock = new Clock(timed, WarmUpSteps * accumulation);
        var examples = RandomRows.Create(config, steps * accumulation * batch * ranks.WorldSize, parsed.GetValue(Spread) ? ShortestRow : seq, seq);
        await using (var trainer = new ReasonDistillTrainer(
            model, examples, WeightedTagLoss.FromTagIds([[30, 450], [32]]), new CosineSchedule(5e-4), options, [clock], collective: timed))
            await trainer.RunAsync(cancellationToken);

        if (ranks.Rank != 0)
            return 0;
        Figure.Print("ranks", ranks.WorldSize);
        Figure.Print("parameters", model.ParameterCount);
        Figure.Print("reduction_milliseconds", reduction * 1e3);
        Figure.Print("tokens_per_second", clock.Tokens / clock.Elapsed.TotalSeconds);
        Figure.Print("step_milliseconds", clock.Elapsed.TotalMilliseconds / (steps - WarmUpSteps));
        Figure.Print("waiting_milliseconds", timed.Waiting.TotalMilliseconds / (steps - WarmUpSteps));
        Figure.Print("reducing_milliseconds", timed.Reducing.TotalMilliseconds / (steps - WarmUpSteps));
        return 0;
    }

    /// <summary>Seconds of one reduction of so many floats, when all ranks are there.</summary>
    private static double MeasureReduction(ICollective ranks, long count)
    {
        using var data = torch.ones(count);
        var seconds = new List<double>();
        for (var i = 0; i < Reductions; i++)
        {
            ranks.Barrier();
            var watch = Stopwatch.StartNew();
            ranks.AllReduce(data, ReduceOperation.Max);
            seconds.Add(watch.Elapsed.TotalSeconds);
        }

        return Median.Of(seconds);
    }

    /// <summary>Time and tokens behind the warm-up.</summary>
    private sealed class Clock(TimedCollective ranks, int warmUpSteps) : ITrainingCallback
    {
        private readonly Stopwatch _watch = new();
        private long _tokensBefore;

        public TimeSpan Elapsed => _watch.Elapsed;

        public long Tokens { get; private set; }

        public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
        {
            if (arguments.Progress.Step == warmUpSteps)
            {
                _tokensBefore = arguments.Progress.Tokens;
                ranks.Reset();
                _watch.Start();
            }

            Tokens = arguments.Progress.Tokens - _tokensBefore;
            return default;
        }

        public ValueTask OnEvaluationDueAsync(EvaluationDueArguments arguments)
        {
            _watch.Stop();
            return default;
        }
    }
}
