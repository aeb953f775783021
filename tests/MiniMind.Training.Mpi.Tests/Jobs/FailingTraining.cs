using MiniMind.Training.Tests;
using static TorchSharp.torch;

namespace MiniMind.Training.Mpi.Tests.Jobs;

/// <summary>A job of which one rank, the last, fails while all train: another thing is wrong with it from the start, or something befalls it after a step.</summary>
internal static class FailingTraining
{
    public const int FailsAfter = 12;
    public const int SavesEvery = 5;

    private const int EndlessEpochs = 100_000;

    public static async Task RunAsync(MpiCollective world, string what, string folder)
    {
        var isFailing = world.Rank == world.WorldSize - 1;
        var wrong = isFailing ? what : "nothing";
        var options = TinyRun.Options() with { Epochs = EndlessEpochs, AccumulationSteps = wrong == "options" ? 2 : 1 };
        var examples = TinyRun.Examples(wrong == "count" ? 63 : 64, wrong == "content" ? 2 : 1);
        using var model = new MiniMindLM(TinyRun.Config with { Dim = wrong == "architecture" ? 64 : 32 }, seed: 1);
        using var cancelled = new CancellationTokenSource();
        ITrainingCallback[] callbacks =
        [
            new CheckpointWriter(new() { Directory = folder, StepInterval = SavesEvery, SaveAtEpochEnd = false }),
            new EveryRank(a =>
            {
                if (a.Progress.Step == FailsAfter && isFailing)
                    Fail(what, cancelled);
                return default;
            }),
        ];
        await using var trainer = new ReasonDistillTrainer(
            model, examples, what == "nan" && isFailing ? new SpoiledLoss() : TinyRun.Loss, new FixedRate(1e-3), options, callbacks, collective: world);
        await trainer.RunAsync(cancelled.Token);
    }

    private static void Fail(string what, CancellationTokenSource cancelled)
    {
        Console.WriteLine("FAILING NOW");
        ProcessFault.Befall(what, "the story of the thread that fails");
        switch (what)
        {
            case "callback":
                throw new IOException("the disk is full");
            case "cancel":
                cancelled.Cancel();
                break;
            case "stall":
                Thread.Sleep(TimeSpan.FromMinutes(5));
                break;
        }
    }

    /// <summary>From one step on it is not a number. Its description is that of the loss that the others have.</summary>
    private sealed class SpoiledLoss : ISequenceLoss
    {
        private readonly WeightedTagLoss _loss = TinyRun.Loss;
        private int _batches;

        public string? Description => ((ISequenceLoss)_loss).Description;

        public LossTargets SelectTargets(Batch batch)
        {
            var targets = _loss.SelectTargets(batch);
            return Interlocked.Increment(ref _batches) > FailsAfter ? targets with { Weights = [.. targets.Weights.Select(_ => float.NaN)] } : targets;
        }

        public Tensor Sum(Tensor logits, Tensor labels, Tensor weights) => _loss.Sum(logits, labels, weights);
    }
}
