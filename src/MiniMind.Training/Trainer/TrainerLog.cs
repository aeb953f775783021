using Microsoft.Extensions.Logging;

namespace MiniMind.Training;

internal static partial class TrainerLog
{
    [LoggerMessage(1, LogLevel.Information, "Training {Parameters} parameters on {Device} in {Precision}, steps {Start} to {Total}")]
    public static partial void Started(ILogger logger, long parameters, string device, TrainingPrecision precision, long start, long total);

    [LoggerMessage(2, LogLevel.Information, "Resumed from {Checkpoint} at step {Step}")]
    public static partial void Resumed(ILogger logger, string checkpoint, long step);

    [LoggerMessage(3, LogLevel.Information, "Epoch {Epoch} of {Epochs} done, loss {Loss}")]
    public static partial void EpochCompleted(ILogger logger, int epoch, int epochs, double? loss);

    [LoggerMessage(4, LogLevel.Information, "Training ended after step {Step}: {Reason}")]
    public static partial void Ended(ILogger logger, long step, string reason);

    [LoggerMessage(7, LogLevel.Information, "fp32 products by {Library}; measured: oneDNN {OneDnn:F0} GFLOP/s, MKL {Mkl:F0} GFLOP/s (0: not measured)")]
    public static partial void Products(ILogger logger, MatrixLibrary library, double oneDnn, double mkl);

    [LoggerMessage(6, LogLevel.Warning, "{Count} optimizer steps up to step {Step} were skipped, because their loss or gradients are not finite")]
    public static partial void Skipped(ILogger logger, long count, long step);

    [LoggerMessage(5, LogLevel.Error, "Training ended by an exception after step {Step}")]
    public static partial void Failed(ILogger logger, Exception exception, long step);

    [LoggerMessage(8, LogLevel.Warning, "{Checkpoint} was written with {Setting} {Saved}; the run goes on with {Now}")]
    public static partial void Differs(ILogger logger, string checkpoint, string setting, string saved, string now);

    [LoggerMessage(9, LogLevel.Warning, "A checkpoint was passed over: {Problem}")]
    public static partial void PassedOver(ILogger logger, string problem);

    [LoggerMessage(10, LogLevel.Information, "Training was cancelled after step {Step}")]
    public static partial void Cancelled(ILogger logger, long step);

    [LoggerMessage(12, LogLevel.Information, "{Checkpoint} knows {Known} examples, and {Appended} are appended since; epoch {Epoch} is the first to visit them, and the run now has {Total} steps")]
    public static partial void Grown(ILogger logger, string checkpoint, int known, int appended, int epoch, long total);

    [LoggerMessage(13, LogLevel.Warning, "{Checkpoint} knows {Known} examples, and {Appended} are appended since; no step visits them: the first epoch that would is number {Epoch}, and the run ends after {Epochs} epochs and {Total} steps")]
    public static partial void GrownInVain(ILogger logger, string checkpoint, int known, int appended, int epoch, int epochs, long total);

    [LoggerMessage(14, LogLevel.Warning, "An epoch has {Steps} steps, and an optimizer step needs {AccumulationSteps} (AccumulationSteps), of which DropIncompleteAccumulation drops what is left: the optimizer never steps, and nothing is learned")]
    public static partial void NeverSteps(ILogger logger, int steps, int accumulationSteps);

    [LoggerMessage(15, LogLevel.Information, "Callbacks had changed settings before {Checkpoint} was written; the run goes on with learning-rate scale {Scale}, gradient clip {Clip} and {AccumulationSteps} accumulation steps")]
    public static partial void Adjusted(ILogger logger, string checkpoint, double scale, double clip, int accumulationSteps);

    [LoggerMessage(11, LogLevel.Error, "{Callback} failed when the run ended")]
    public static partial void EndFailed(ILogger logger, Exception exception, string callback);
}
