using System.Text.Json;
using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>Where rank 0's run stands, for the other ranks, which may not see its disk; the tensors are given besides.</summary>
internal sealed record SharedRun
{
    public required string RunId { get; init; }

    /// <summary>The checkpoint that rank 0 goes on from, or none.</summary>
    public required string? ResumedFrom { get; init; }

    public required IReadOnlyList<DataStretch> Stretches { get; init; }

    public required TrainingPosition Position { get; init; }

    public required long OptimizerSteps { get; init; }

    public required double LossScale { get; init; }

    public required int LossScaleGoodSteps { get; init; }

    public required long LossScaleSkippedSteps { get; init; }

    public required bool HasLeftoverGradients { get; init; }

    /// <summary>What callbacks had changed when the checkpoint was written.</summary>
    public required RunAdjustments Adjustments { get; init; }

    /// <summary>What computes fp32 products on rank 0, so that it is the same everywhere; none where there are none.</summary>
    public required MatrixLibrary? Fp32Library { get; init; }

    public static SharedRun Of(string runId, string? resumedFrom, IReadOnlyList<DataStretch> stretches, TrainingState state, MatrixLibrary? fp32Library) => new()
    {
        RunId = runId,
        ResumedFrom = resumedFrom,
        Stretches = stretches,
        Position = state.Position,
        OptimizerSteps = state.Optimizer.StepCount,
        LossScale = state.Scaler.Scale,
        LossScaleGoodSteps = state.Scaler.GoodSteps,
        LossScaleSkippedSteps = state.Scaler.SkippedSteps,
        HasLeftoverGradients = state.HasLeftoverGradients,
        Adjustments = state.Adjustments,
        Fp32Library = fp32Library,
    };

    public static SharedRun FromJson(string json) => JsonSerializer.Deserialize(json, RanksJson.Default.SharedRun)!;

    public string ToJson() => JsonSerializer.Serialize(this, RanksJson.Default.SharedRun);

    /// <summary>Puts the numbers into a rank's state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="isFirst">Whether it is rank 0's, which alone keeps the gradients that a dropped group left.</param>
    public void Restore(TrainingState state, bool isFirst)
    {
        state.Position = Position;
        state.Optimizer.StepCount = OptimizerSteps;
        (state.Scaler.Scale, state.Scaler.GoodSteps, state.Scaler.SkippedSteps) = (LossScale, LossScaleGoodSteps, LossScaleSkippedSteps);
        state.HasLeftoverGradients = HasLeftoverGradients;
        state.Adjustments = Adjustments;
        using var noGrad = no_grad();
        if (!isFirst)
            state.Parameters.Gradients.zero_();
    }
}
