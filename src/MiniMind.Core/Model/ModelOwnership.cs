namespace MiniMind;

/// <summary>Who computes with a model. At most one run trains it; while that run is on, other work with the model waits its turn on the run's thread, so
/// that it sees the weights of one step, and the run sees nothing of it.</summary>
internal sealed class ModelOwnership
{
    private readonly Lock _lock = new();
    private Owner? _owner;
    private int _readers;

    /// <summary>Makes a trainer the owner. One whose run has ended gives the model up first: <paramref name="giveUp"/> takes back what it did to it.</summary>
    /// <exception cref="InvalidOperationException">Another trainer's run is not over, or the model is in use.</exception>
    public void Claim(object trainer, ComputeThread thread, Action giveUp)
    {
        Owner? former;
        lock (_lock)
        {
            if (_owner?.Trainer == trainer)
                return;
            if (_owner is { RunIsOver: false })
                throw new InvalidOperationException(
                    "the model belongs to another trainer, whose run is not over; let that run end or dispose of that trainer first");
            if (_readers > 0)
                throw new InvalidOperationException("the model is generating text or being evaluated; let that end before training begins");
            (former, _owner) = (_owner, new Owner(trainer, thread, giveUp));
        }

        former?.GiveUp();
    }

    public bool IsOwner(object trainer)
    {
        lock (_lock)
            return _owner?.Trainer == trainer;
    }

    /// <summary>Lets others have the model: now that the run is over, another trainer may claim it, and work does not wait for the run's thread.</summary>
    public void EndRun(object trainer)
    {
        lock (_lock)
            if (_owner?.Trainer == trainer)
                _owner = _owner with { RunIsOver = true };
    }

    public void Release(object trainer)
    {
        lock (_lock)
            if (_owner?.Trainer == trainer)
                _owner = null;
    }

    /// <summary>Does work that needs the weights to stay as they are: on the owner's thread while its run is on, otherwise on the caller's.</summary>
    public T Use<T>(Func<T> work)
    {
        ComputeThread? thread;
        lock (_lock)
        {
            thread = _owner is { RunIsOver: false } owner && !owner.Thread.IsCurrent ? owner.Thread : null;
            if (thread is null)
                _readers++;
        }

        if (thread is not null)
            return thread.RunAsync(work).GetAwaiter().GetResult();
        try
        {
            using (NativeWork.Enter())
                return work();
        }
        finally
        {
            lock (_lock)
                _readers--;
        }
    }

    /// <inheritdoc cref="Use{T}"/>
    public void Use(Action work) => Use(() =>
    {
        work();
        return true;
    });

    private sealed record Owner(object Trainer, ComputeThread Thread, Action GiveUp, bool RunIsOver = false);
}
