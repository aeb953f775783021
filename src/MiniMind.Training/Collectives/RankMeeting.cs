using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>Where the threads of <see cref="InProcessCollective"/> wait for each other; the last to come does the work for all.</summary>
internal sealed class RankMeeting(int worldSize)
{
    private readonly object _lock = new();
    private readonly Tensor?[] _tensors = new Tensor?[worldSize];
    private readonly string?[] _calls = new string?[worldSize];
    private readonly bool[] _hasLeft = new bool[worldSize];
    private int _arrived;
    private long _number;
    private long? _failed;
    private string? _over;

    public int WorldSize => worldSize;

    /// <summary>Waits for all ranks. The last to come runs the work, while the others stand still.</summary>
    /// <param name="rank">Whose call it is.</param>
    /// <param name="tensor">What it brings.</param>
    /// <param name="call">What it asks for; the same of all, or it is an exception on all.</param>
    /// <param name="work">Done with the tensors of all.</param>
    /// <exception cref="CollectiveException">A rank has left, the meeting was aborted, or the calls differ.</exception>
    public void Meet(int rank, Tensor? tensor, string call, Action<Tensor?[]> work)
    {
        lock (_lock)
        {
            ThrowIfOver(call);
            if (_calls[rank] is not null)
                throw new InvalidOperationException($"rank {rank} makes two calls at a time ({_calls[rank]} and {call}); expected one after the other");
            (_tensors[rank], _calls[rank]) = (tensor, call);
            if (++_arrived == worldSize)
                Finish(work);
            else
                WaitForOthers(call);
        }
    }

    public void Abort(string reason) => End($"the job was aborted: {reason}");

    public void Leave(int rank)
    {
        lock (_lock)
        {
            _hasLeft[rank] = true;
            if (_arrived > 0)
                Monitor.PulseAll(_lock);
        }
    }

    private void Finish(Action<Tensor?[]> work)
    {
        try
        {
            var odd = Array.FindIndex(_calls, call => call != _calls[0]);
            if (odd >= 0)
                throw new CollectiveException($"rank 0 calls {_calls[0]}, rank {odd} {_calls[odd]}; expected the same call of all");
            work(_tensors);
        }
        catch (Exception e)
        {
            (_over, _failed) = (e.Message, _number);
            throw;
        }
        finally
        {
            Array.Clear(_tensors);
            Array.Clear(_calls);
            _arrived = 0;
            _number++;
            Monitor.PulseAll(_lock);
        }
    }

    private void WaitForOthers(string call)
    {
        var number = _number;
        while (_number == number)
        {
            ThrowIfOver(call);
            Monitor.Wait(_lock);
        }

        if (_failed == number)
            throw new CollectiveException(_over!);
    }

    private void ThrowIfOver(string call)
    {
        var left = Enumerable.Range(0, worldSize).FirstOrDefault(r => _hasLeft[r] && _calls[r] is null, -1);
        if (left >= 0)
            _over ??= $"rank {left} has ended, and the others wait for it in {call}";
        if (_over is null)
            return;
        Monitor.PulseAll(_lock);
        throw new CollectiveException(_over);
    }

    private void End(string reason)
    {
        lock (_lock)
        {
            _over ??= reason;
            Monitor.PulseAll(_lock);
        }
    }
}
