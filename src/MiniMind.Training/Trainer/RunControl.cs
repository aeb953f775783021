using System.Runtime.CompilerServices;
using System.Text.Json;

namespace MiniMind.Training;

/// <summary>What callbacks ask of one trainer.</summary>
/// <remarks>On several ranks a request counts when all have agreed on it.</remarks>
internal sealed class RunControl(ReasonDistillTrainer trainer, RankGroup ranks) : ITrainingControl
{
    private string? _stopReason;
    private string? _agreedStopReason;
    private bool _checkpointRequested;
    private bool _adjusted;
    private RunAdjustments _adjustments = RunAdjustments.None;
    private bool _agreedCheckpoint;

    public MiniMindLM Model => trainer.Model;

    public string RunId => trainer.RunId;

    public long StepsDone => trainer.StepsDone;

    public int Rank => ranks.Rank;

    public int WorldSize => ranks.WorldSize;

    public string? StopReason => _agreedStopReason ?? _stopReason;

    /// <summary>Why all ranks stop.</summary>
    public string? AgreedStopReason => ranks.IsAlone ? _stopReason : _agreedStopReason;

    public double LearningRateScale
    {
        get => _adjustments.LearningRateScale;
        set => Adjust(a => a with { LearningRateScale = value }, value);
    }

    public double GradientClip
    {
        get => _adjustments.GradientClip ?? trainer.Options.GradientClip;
        set => Adjust(a => a with { GradientClip = value }, value);
    }

    public int AccumulationSteps
    {
        get => _adjustments.AccumulationSteps ?? trainer.Options.AccumulationSteps;
        set => Adjust(a => a with { AccumulationSteps = value }, value);
    }

    /// <summary>What all ranks go on with after the last <see cref="Agree"/>; of one rank, what its callbacks have set.</summary>
    public RunAdjustments Adjustments => _adjustments;

    /// <summary>Takes over what a checkpoint holds.</summary>
    public void Adopt(RunAdjustments adjustments) => _adjustments = adjustments;

    public void RequestStop(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        Interlocked.CompareExchange(ref _stopReason, reason, null);
    }

    public void RequestCheckpoint() => Volatile.Write(ref _checkpointRequested, true);

    /// <summary>Brings this rank's requests before all.</summary>
    public void Agree(long checksum)
    {
        var agreed = ranks.Agree(
            _stopReason,
            Interlocked.Exchange(ref _checkpointRequested, false),
            checksum,
            adjustments: Interlocked.Exchange(ref _adjusted, false) ? JsonSerializer.Serialize(_adjustments, RanksJson.Default.RunAdjustments) : null);
        if (agreed.Adjustments is { } adjustments)
            _adjustments = JsonSerializer.Deserialize(adjustments, RanksJson.Default.RunAdjustments)!;
        _agreedStopReason ??= agreed.StopReason;
        _agreedCheckpoint |= agreed.AsksCheckpoint;
    }

    /// <summary>Whether a checkpoint has been asked for since the last call.</summary>
    public bool TakeCheckpointRequest() => Interlocked.Exchange(ref ranks.IsAlone ? ref _checkpointRequested : ref _agreedCheckpoint, false);

    public Task SaveCheckpointAsync(string directory, CancellationToken cancellationToken) => trainer.SaveCheckpointAsync(directory, cancellationToken);

    public Task SaveCheckpointAsync(string directory, MiniMindTokenizer? tokenizer = null, CancellationToken cancellationToken = default) =>
        trainer.SaveCheckpointAsync(directory, tokenizer, cancellationToken);

    public Task<T> ComputeAsync<T>(Func<T> work) => trainer.ComputeAsync(work);

    public Task ReportMetricsAsync(IReadOnlyDictionary<string, double> metrics, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return trainer.ReportMetricsAsync(metrics, cancellationToken);
    }

    private void Adjust<T>(Func<RunAdjustments, RunAdjustments> change, T value, [CallerMemberName] string name = "")
    {
        var changed = change(_adjustments);
        if (!changed.IsValid)
            throw new ArgumentOutOfRangeException(name, value, name == nameof(AccumulationSteps) ? "expected 1 or more" : "expected zero or a positive number");
        _adjustments = changed;
        Volatile.Write(ref _adjusted, true);
    }
}
