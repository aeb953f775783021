namespace MiniMind.Training;

/// <summary>What a trainer does together with those of the other ranks. With one rank each method is the work it is given, or nothing.</summary>
internal sealed class RunRanks(ICollective collective, ComputeThread compute)
{
    private int _optimizerSteps;
    private bool _hasBegun;

    public RankGroup Group { get; } = new(collective);

    public bool IsAlone => Group.IsAlone;

    /// <summary>The data's order and batches, shared out as the collective says.</summary>
    /// <exception cref="ArgumentException">The options name another number of ranks.</exception>
    public static EpochSamplerOptions Share(EpochSamplerOptions sampling, ICollective? collective)
    {
        if (collective is null)
            return sampling with { };
        if (sampling.WorldSize != 1 && sampling.WorldSize != collective.WorldSize)
            throw new ArgumentException(
                $"Sampling.WorldSize is {sampling.WorldSize}, and the collective has {collective.WorldSize} ranks; expected the same number, or 1 to take the collective's", nameof(collective));
        return sampling with { Rank = collective.Rank, WorldSize = collective.WorldSize };
    }

    /// <summary>Does this rank's part, and waits, without keeping a processor busy, until all ranks have done theirs.</summary>
    /// <exception cref="RankException">Another rank failed.</exception>
    /// <exception cref="OperationCanceledException">Another rank was cancelled.</exception>
    public async Task<T> TogetherAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        if (IsAlone)
            return await work().ConfigureAwait(false);
        // A rank that failed before takes part in a round, so none may wait for it otherwise. Before the first work none can have failed, and rank 0 may come much later.
        if (_hasBegun)
            await ComputeAsync(() => Group.Agree()).ConfigureAwait(false);
        _hasBegun = true;
        T result;
        try
        {
            result = await work().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await WaitAsync().ConfigureAwait(false);
            await JoinAsync(e, cancellationToken).ConfigureAwait(false);
            throw;
        }

        await ComputeAsync(() =>
        {
            Group.Wait();
            Group.Agree();
        }).ConfigureAwait(false);
        return result;
    }

    /// <inheritdoc cref="TogetherAsync{T}"/>
    public Task TogetherAsync(Func<Task> work, CancellationToken cancellationToken) => TogetherAsync(
        async () =>
        {
            await work().ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary>Agrees on what callbacks have asked for; after an optimizer step also on the weights, where that is due.</summary>
    public Task AgreeAsync(RunControl control, TrainingState state, int weightsCheckInterval = 0) => IsAlone ? Task.CompletedTask : ComputeAsync(() =>
    {
        var checks = weightsCheckInterval > 0 && ++_optimizerSteps % weightsCheckInterval == 0;
        control.Agree(checks ? state.WeightsChecksum() : 0);
    });

    /// <summary>Tells the other ranks that this one's run is over, unless they know.</summary>
    public Task JoinAsync(Exception exception, CancellationToken cancellationToken) => IsAlone ? Task.CompletedTask : ComputeAsync(
        () => Group.Join(exception, exception is OperationCanceledException && cancellationToken.IsCancellationRequested));

    /// <summary>Waits for all ranks; where they cannot come any more, not.</summary>
    public Task WaitAsync() => IsAlone ? Task.CompletedTask : ComputeAsync(() =>
    {
        try
        {
            Group.Wait();
        }
        catch (CollectiveException)
        {
            // The job is aborted with a message of its own; what led here is what the caller gets.
        }
    });

    /// <summary>Compares what the ranks were started with, and gives all of them weights, optimizer, position and name of rank 0's run.</summary>
    /// <returns>Rank 0's run.</returns>
    /// <exception cref="RankException">A rank was started with something else.</exception>
    public Task<SharedRun> ShareAsync(RunFingerprint fingerprint, TrainingState state, SharedRun run) => compute.RunAsync(() =>
    {
        Group.RequireAlike(
            fingerprint.DifferenceFrom(RunFingerprint.FromJson(Group.Share(fingerprint.ToJson())), Group.Rank),
            "Start all ranks with the same program, model, data and options");
        run = SharedRun.FromJson(Group.Share(run.ToJson()));
        foreach (var tensor in state.CommonTensors)
            Group.Share(tensor);
        run.Restore(state, isFirst: Group.Rank == 0);
        return run;
    });

    private Task<bool> ComputeAsync(Action work) => compute.RunAsync(() =>
    {
        work();
        return true;
    });
}
