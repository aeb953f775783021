using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;

namespace MiniMind.Training;

/// <summary>The callbacks of a run, in the order in which they are told.</summary>
internal sealed class CallbackList(IEnumerable<ITrainingCallback> callbacks, ILogger logger)
{
    /// <summary>Where the exception that ended a run keeps those that callbacks threw at its end.</summary>
    public const string EndExceptionsKey = "MiniMind.EndExceptions";

    private readonly ITrainingCallback[] _callbacks = [.. callbacks];

    /// <summary>An exception of one ends the round, and with it the run.</summary>
    public async Task NotifyAsync(Func<ITrainingCallback, ValueTask> hook)
    {
        foreach (var callback in _callbacks)
            await hook(callback).ConfigureAwait(false);
    }

    /// <summary>Tells all that the run ended, whatever some of them throw. If the run has an exception, theirs are logged and kept in its
    /// <see cref="Exception.Data"/>; otherwise theirs is thrown, several as an <see cref="AggregateException"/>.</summary>
    public async Task EndAsync(TrainingEndedArguments arguments)
    {
        var faults = new List<Exception>();
        var faulty = new List<string>();
        foreach (var callback in _callbacks)
        {
#pragma warning disable CA1031 // Each is kept, and the callbacks after it are told.
            try
            {
                await callback.OnTrainingEndedAsync(arguments).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                faults.Add(e);
                faulty.Add(callback.GetType().Name);
            }
#pragma warning restore CA1031
        }

        if (faults.Count == 0)
            return;
        if (arguments.Exception is { } cause)
            cause.Data[EndExceptionsKey] = faults;
        foreach (var (fault, callback) in faults.Zip(faulty))
            TrainerLog.EndFailed(logger, fault, callback);
        if (arguments.Exception is not null)
            return;
        if (faults.Count == 1)
            ExceptionDispatchInfo.Throw(faults[0]);
        throw new AggregateException("several callbacks failed when the run ended", faults);
    }
}
