using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>The numbers of a checkpoint, in its <c>trainer.json</c>. Dropout and the data's order need no stored generator: both are functions of
/// a seed and the position.</summary>
internal sealed record CheckpointState
{
    /// <summary>Version 2 has the settings of non-finite steps and the library of fp32 products, version 3 the run, what decides its losses, and digests of all
    /// files, version 4 a data set that grew, version 5 another number of ranks, version 6 settings that callbacks have changed. What an older version lacks has its default, and is not compared.</summary>
    public const int CurrentVersion = 6;

    /// <summary>What a run writes whose data set never grew, so that earlier versions of this library can go on from it.</summary>
    private const int VersionWithoutGrowth = 3;

    /// <summary>What a run writes whose data set grew, on the same number of ranks always.</summary>
    private const int VersionWithGrowth = 4;

    /// <summary>What a run writes whose number of ranks changed.</summary>
    private const int VersionWithRanks = 5;

    /// <summary>The first version that has the run's description and digests.</summary>
    public const int FirstWithDescription = 3;

    /// <summary>The most bytes of its file.</summary>
    public const int MostFileBytes = 1 << 20;

    private const int OldestVersion = 1;

    /// <summary>What stands in the place of the text's own digest while that is taken.</summary>
    private static readonly string NoDigest = new('0', 64);

    public required int FormatVersion { get; init; }

    public required int Epoch { get; init; }

    public required int Batch { get; init; }

    public required long Step { get; init; }

    public required long OptimizerSteps { get; init; }

    public required double LossScale { get; init; }

    public required int LossScaleGoodSteps { get; init; }

    public required long LossScaleSkippedSteps { get; init; }

    public required int DatasetCount { get; init; }

    /// <summary>How many examples the epochs visit, if not always <see cref="DatasetCount"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DataStretch>? Growth { get; init; }

    public required ReasonDistillOptions Options { get; init; }

    /// <summary>What callbacks had changed of the settings, if anything.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunAdjustments? Adjustments { get; init; }

    /// <summary>The library that computed fp32 products, whose rounding the run goes on with; none before it was recorded.</summary>
    public MatrixLibrary? Fp32Library { get; init; }

    /// <summary>The run that wrote it, which goes on under this name when it is resumed.</summary>
    public string? RunId { get; init; }

    public DateTimeOffset? SavedAt { get; init; }

    public string? DatasetSha256 { get; init; }

    public string? TokenizerSha256 { get; init; }

    public string? LossType { get; init; }

    /// <summary>The loss in words, where its class has any.</summary>
    public string? Loss { get; init; }

    public ScheduleSample? Schedule { get; init; }

    public string? Device { get; init; }

    /// <summary>Every other file of the checkpoint.</summary>
    public IReadOnlyDictionary<string, FileDigest>? Files { get; init; }

    /// <summary>SHA-256 of this text with zeros in the place of this value.</summary>
    public string? StateSha256 { get; init; }

    /// <summary>How many examples the epochs visit.</summary>
    [JsonIgnore]
    public IReadOnlyList<DataStretch> Stretches => Growth ?? [new DataStretch(0, DatasetCount)];

    /// <summary>How many examples the epochs visit, for a run on some number of ranks: the epochs that others shared say so.</summary>
    public IReadOnlyList<DataStretch> StretchesFor(int worldSize) => worldSize == Options.Sampling.WorldSize ? Stretches
        : [.. Stretches.Select(s => s with { WorldSize = s.WorldSize ?? Options.Sampling.WorldSize })];

    /// <summary>Whether no epoch has begun that is not finished.</summary>
    [JsonIgnore]
    public bool IsAtEpochsEnd => Batch == 0 || Batch == new EpochPlan(Stretches, Options.Sampling).BatchesOf(Epoch);

    /// <summary>The numbers of a run.</summary>
    public static CheckpointState Capture(
        TrainingState state, MatrixLibrary fp32Library, RunDescription run, IReadOnlyDictionary<string, FileDigest> files) => new()
        {
            FormatVersion = state.Adjustments == RunAdjustments.None ? VersionFor(run.Stretches) : CurrentVersion,
            Epoch = state.Position.Epoch,
            Batch = state.Position.Batch,
            Step = state.Position.Step,
            OptimizerSteps = state.Optimizer.StepCount,
            LossScale = state.Scaler.Scale,
            LossScaleGoodSteps = state.Scaler.GoodSteps,
            LossScaleSkippedSteps = state.Scaler.SkippedSteps,
            DatasetCount = run.DatasetCount,
            Growth = run.Stretches.Count > 1 ? run.Stretches : null,
            Options = run.Options,
            Adjustments = state.Adjustments == RunAdjustments.None ? null : state.Adjustments,
            Fp32Library = fp32Library,
            RunId = run.RunId,
            SavedAt = DateTimeOffset.UtcNow,
            DatasetSha256 = run.Content?.Sha256,
            TokenizerSha256 = run.TokenizerSha256,
            LossType = run.Loss.GetType().Name,
            Loss = run.Loss.Description,
            Schedule = ScheduleSample.Take(run.Schedule, run.TotalSteps),
            Device = run.Device,
            Files = files,
        };

    /// <summary>Puts the numbers into a run.</summary>
    public void Restore(TrainingState state)
    {
        state.Position = new TrainingPosition(Epoch, Batch, Step);
        state.Optimizer.StepCount = OptimizerSteps;
        state.Adjustments = Adjustments ?? RunAdjustments.None;
        (state.Scaler.Scale, state.Scaler.GoodSteps, state.Scaler.SkippedSteps) = (LossScale, LossScaleGoodSteps, LossScaleSkippedSteps);
    }

    public string ToJson()
    {
        var text = JsonSerializer.Serialize(this with { StateSha256 = NoDigest }, CheckpointJson.Default.CheckpointState);
        return text.Replace(NoDigest, Digest(text), StringComparison.Ordinal);
    }

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

        var state = JsonSerializer.Deserialize(json, CheckpointJson.Default.CheckpointState)!;
        if (state.FormatVersion >= FirstWithDescription && (state.RunId is null || state.Files is null || state.StateSha256 is null))
            throw new JsonException("expected run_id, files and state_sha256 in this format_version");
        if (state.FormatVersion < CurrentVersion != state.Adjustments is null)
            throw new JsonException($"expected adjustments from format_version {CurrentVersion} on, and in no earlier one");
        if (state.FormatVersion < CurrentVersion && state.FormatVersion < VersionWithGrowth != state.Growth is null)
            throw new JsonException($"expected growth from format_version {VersionWithGrowth} on, and in no earlier one");
        if (state.Growth is { } growth && growth.Any(s => s is null))
            throw new JsonException("expected from_epoch and examples of each of growth");
        if (state.Files is { } files && files.Values.Any(f => f is null))
            throw new JsonException("expected bytes and sha256 of each of files");
        if (state.StateSha256 is { } digest && (digest.Length != NoDigest.Length || Digest(json.Replace(digest, NoDigest, StringComparison.Ordinal)) != digest))
            throw new JsonException("it has changed since it was written: its SHA-256 is not what state_sha256 says");
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
            var plan = new EpochPlan(Stretches, Options.Sampling);
            var (batches, step) = (plan.BatchesOf(Math.Max(0, Epoch)), plan.StepsBefore(Epoch) + Batch);
            var (last, next) = (Stretches[^1], new TrainingPosition(Epoch, Batch, Step).NextEpoch);
            faults
                .Require(Epoch >= 0 && Epoch <= Options.Epochs, Epoch, $"0 to {Options.Epochs}, the run's epochs")
                .Require(Batch >= 0 && Batch <= batches, Batch, $"0 to {batches}, the batches of an epoch")
                .Require(Step == step, Step, $"{step}, as epoch {Epoch} and batch {Batch} say")
                .Require(last.Examples == DatasetCount, DatasetCount, $"{last.Examples}, as growth says")
                .Require(last.FromEpoch <= next, last.FromEpoch, $"at most {next}, the next epoch to begin", "Growth.FromEpoch");
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
            .Require(Adjustments is null or { IsValid: true }, Adjustments, "a scale, a norm of zero or more and 1 or more micro-batches")
            .Require(DatasetCount >= 1, DatasetCount, "1 or more")
            .Require(Fp32Library is null || Enum.IsDefined(Fp32Library.Value), Fp32Library, string.Join(", ", Enum.GetNames<MatrixLibrary>()));
    }

    private static int VersionFor(IReadOnlyList<DataStretch> stretches) =>
        stretches.Count == 1 ? VersionWithoutGrowth : stretches.All(s => s.WorldSize is null) ? VersionWithGrowth : VersionWithRanks;

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
