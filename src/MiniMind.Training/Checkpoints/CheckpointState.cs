using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>The numbers of a checkpoint, in its <c>trainer.json</c>. Dropout and the data's order need no stored generator: both are functions of
/// a seed and the position.</summary>
internal sealed record CheckpointState
{
    /// <summary>Version 2 has the settings of non-finite steps and the library of fp32 products; version 1, which lacks them, is read with their defaults.</summary>
    public const int CurrentVersion = 2;

    /// <summary>The most bytes of its file.</summary>
    public const int MostFileBytes = 1 << 20;

    private const int OldestVersion = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
    };

    public required int FormatVersion { get; init; }

    public required int Epoch { get; init; }

    public required int Batch { get; init; }

    public required long Step { get; init; }

    public required long OptimizerSteps { get; init; }

    public required double LossScale { get; init; }

    public required int LossScaleGoodSteps { get; init; }

    public required long LossScaleSkippedSteps { get; init; }

    public required int DatasetCount { get; init; }

    public required ReasonDistillOptions Options { get; init; }

    /// <summary>The library that computed fp32 products, whose rounding the run goes on with; before it was recorded, it was MKL.</summary>
    public MatrixLibrary Fp32Library { get; init; } = MatrixLibrary.Mkl;

    /// <summary>The numbers of a run.</summary>
    public static CheckpointState Capture(TrainingState state, MatrixLibrary fp32Library, ReasonDistillOptions options, int datasetCount) => new()
    {
        FormatVersion = CurrentVersion,
        Epoch = state.Position.Epoch,
        Batch = state.Position.Batch,
        Step = state.Position.Step,
        OptimizerSteps = state.Optimizer.StepCount,
        LossScale = state.Scaler.Scale,
        LossScaleGoodSteps = state.Scaler.GoodSteps,
        LossScaleSkippedSteps = state.Scaler.SkippedSteps,
        DatasetCount = datasetCount,
        Options = options,
        Fp32Library = fp32Library,
    };

    /// <summary>Puts the numbers into a run.</summary>
    public void Restore(TrainingState state)
    {
        state.Position = new TrainingPosition(Epoch, Batch, Step);
        state.Optimizer.StepCount = OptimizerSteps;
        (state.Scaler.Scale, state.Scaler.GoodSteps, state.Scaler.SkippedSteps) = (LossScale, LossScaleGoodSteps, LossScaleSkippedSteps);
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="JsonException">The text is no such JSON, or its numbers are those of no run.</exception>
    public static CheckpointState FromJson(string json)
    {
        using (var document = JsonDocument.Parse(json))
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("format_version", out var version)
                || version.ValueKind != JsonValueKind.Number
                || !version.TryGetInt32(out var number))
                throw new JsonException("expected an object with a whole number format_version");
            if (number is < OldestVersion or > CurrentVersion)
                throw new JsonException($"format_version is {number}; this library reads {OldestVersion} to {CurrentVersion}");
        }

        var state = JsonSerializer.Deserialize<CheckpointState>(json, Json)!;
        var faults = state.FindFaults();
        return faults.Count == 0 ? state : throw new JsonException(string.Join("; ", faults));
    }

    /// <summary>What no run can have written.</summary>
    private FieldFaults FindFaults()
    {
        var faults = new FieldFaults();
        try
        {
            Options.Validate();
            var batches = new EpochSampler(DatasetCount, Options.Sampling).BatchesPerEpoch;
            faults
                .Require(Epoch >= 0 && Epoch <= Options.Epochs, Epoch, $"0 to {Options.Epochs}, the run's epochs")
                .Require(Batch >= 0 && Batch <= batches, Batch, $"0 to {batches}, the batches of an epoch")
                .Require(Step == ((long)Epoch * batches) + Batch, Step, $"{((long)Epoch * batches) + Batch}, as epoch {Epoch} and batch {Batch} say");
        }
        catch (Exception e) when (e is OptionsValidationException or ArgumentException)
        {
            faults.Add($"the settings are those of no run: {e.Message.TrimEnd('.')}");
        }

        return faults
            .Require(OptimizerSteps >= 0 && OptimizerSteps <= Step, OptimizerSteps, "0 to the number of steps")
            .Require(LossScale > 0 && double.IsFinite(LossScale), LossScale, "a positive number")
            .Require(LossScaleGoodSteps >= 0, LossScaleGoodSteps, "zero or more")
            .Require(LossScaleSkippedSteps >= 0, LossScaleSkippedSteps, "zero or more")
            .Require(DatasetCount >= 1, DatasetCount, "1 or more")
            .Require(Enum.IsDefined(Fp32Library), Fp32Library, string.Join(", ", Enum.GetNames<MatrixLibrary>()));
    }

    /// <summary>What makes this state another run's: settings that decide which data each step sees.</summary>
    public IEnumerable<string> DifferencesFrom(ReasonDistillOptions options, int datasetCount)
    {
        (string Name, object Saved, object Now)[] values =
        [
            ("number of examples", DatasetCount, datasetCount),
            ("Sampling.BatchSize", Options.Sampling.BatchSize, options.Sampling.BatchSize),
            ("Sampling.Order", Options.Sampling.Order, options.Sampling.Order),
            ("Sampling.Seed", Options.Sampling.Seed, options.Sampling.Seed),
            ("Sampling.DropLast", Options.Sampling.DropLast, options.Sampling.DropLast),
            ("Sampling.WorldSize", Options.Sampling.WorldSize, options.Sampling.WorldSize),
            ("Sampling.BucketBatches", Options.Sampling.BucketBatches, options.Sampling.BucketBatches),
            ("AccumulationSteps", Options.AccumulationSteps, options.AccumulationSteps),
        ];
        return values.Where(v => !v.Saved.Equals(v.Now)).Select(v => $"{v.Name} was {v.Saved} and is {v.Now}");
    }
}
