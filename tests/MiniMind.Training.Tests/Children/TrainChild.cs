using System.Security.Cryptography;

namespace MiniMind.Training.Tests.Children;

/// <summary>A run that resumes from its folder if it can, for a driver that kills it: prints READY and the step it begins at, STEP for each step, and DONE with a
/// hash of the final weights.</summary>
internal static class TrainChild
{
    public static readonly string[] Configurations = ["bf16-packed", "bucketed", "moe-dropout", "fp16", "dropped-groups", "large", "grown"];

    /// <summary>Where the run "grown" gets as many examples again: within its second epoch.</summary>
    private const int GrowsAt = 130;

    /// <param name="folder">Gets checkpoints and metrics.</param>
    /// <param name="configuration">One of <see cref="Configurations"/>.</param>
    /// <param name="stepInterval">Steps between checkpoints.</param>
    /// <param name="collective">This rank, of several; those other than 0 do not see the folder.</param>
    public static async Task<int> RunAsync(string folder, string configuration, int stepInterval, ICollective? collective = null)
    {
        // Not of the platform's choice, so that the uninterrupted run computes the same.
        TorchSharp.torch.set_num_threads(1);
        var (config, options, count) = Settings(configuration);
        using var model = new MiniMindLM(config, seed: 5);
        var checkpoints = Path.Combine(folder, "checkpoints");
        var grown = Path.Combine(checkpoints, $"step-{GrowsAt:D8}");
        if (configuration == "grown" && !(CheckpointWriter.FindLatest(checkpoints) is { } newest && string.CompareOrdinal(newest, grown) >= 0))
        {
            await using var first = await TrainAsync(count, new OnStep(GrowsAt, a => a.Control.RequestStop("the first round is over")));
            await first.SaveCheckpointAsync(grown);
        }

        await (await TrainAsync(configuration == "grown" ? 2 * count : count)).DisposeAsync();
        Console.WriteLine($"DONE {Hash(model)}{(collective is null ? string.Empty : $" rank {collective.Rank}")}");
        return 0;

        async Task<ReasonDistillTrainer> TrainAsync(int examples, params ITrainingCallback[] callbacks)
        {
            var trainer = new ReasonDistillTrainer(
                model,
                TinyRun.Examples(examples),
                TinyRun.Loss,
                new CosineSchedule(1e-3),
                options,
                [
                    new CheckpointWriter(new() { Directory = checkpoints, StepInterval = stepInterval, KeepLast = 2 }),
                    new JsonlMetrics(Path.Combine(folder, "metrics.jsonl")),
                    new Reporter(),
                    .. callbacks,
                ],
                collective: collective);
            if ((collective?.Rank ?? 0) == 0 && CheckpointWriter.FindLatest(checkpoints) is not null)
                await trainer.ResumeAsync(checkpoints, new ResumeOptions { AllowAppendedExamples = true });
            await trainer.RunAsync();
            return trainer;
        }
    }

    private static (LMConfig Config, ReasonDistillOptions Options, int Examples) Settings(string configuration)
    {
        var options = TinyRun.Options() with { Epochs = 4, Sampling = new() { BatchSize = 2, Order = SampleOrder.Shuffled } };
        return configuration switch
        {
            "bf16-packed" => (TinyRun.Config, options with { Precision = TrainingPrecision.BFloat16, Loading = new() { PackSequences = true } }, 300),
            "bucketed" => (
                TinyRun.Config,
                options with { AccumulationSteps = 3, Loading = new() { Workers = 2 }, Sampling = options.Sampling with { Order = SampleOrder.LengthBucketed } },
                400),
            "moe-dropout" => (TinyRun.Config with { UseMoe = true, Dropout = 0.1 }, options, 200),
            "fp16" => (TinyRun.Config, options with { Precision = TrainingPrecision.Float16 }, 300),
            "grown" => (
                TinyRun.Config with { Dropout = 0.1 },
                options with { AccumulationSteps = 3, DropIncompleteAccumulation = true, Sampling = options.Sampling with { Order = SampleOrder.LengthBucketed } },
                200),
            "dropped-groups" => (TinyRun.Config with { Dropout = 0.1 }, options with { AccumulationSteps = 3, DropIncompleteAccumulation = true }, 400),
            "large" => (new LMConfig { Dim = 256, NLayers = 4, NHeads = 4, VocabSize = 6400, MaxSeqLen = 64 }, options with { Epochs = 2 }, 80),
            _ => throw new ArgumentException($"there is no configuration '{configuration}'", nameof(configuration)),
        };
    }

    private static string Hash(MiniMindLM model) => Convert.ToHexStringLower(SHA256.HashData(
        [.. model.state_dict().OrderBy(p => p.Key, StringComparer.Ordinal).SelectMany(p => p.Value.detach().contiguous().bytes.ToArray())]));

    private sealed class Reporter : ITrainingCallback
    {
        public ValueTask OnTrainingStartedAsync(TrainingStartedArguments arguments)
        {
            Console.WriteLine($"READY {arguments.StartStep}");
            return default;
        }

        public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
        {
            Console.WriteLine($"STEP {arguments.Progress.Step}");
            return default;
        }
    }
}
