using System.Globalization;
using System.Text;
using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>How the ranks of a run keep together. They meet in rounds: one small reduction, of the same shape always, in which each says whether it failed, was
/// cancelled, or asks for something. A rank that fails, wherever it is, takes part in the round that the others come to next (<see cref="Join"/>), and all
/// learn of it there. What else is exchanged follows directly upon a round, so that no rank can be missing.</summary>
/// <remarks>All calls are made on the run's compute thread.</remarks>
internal sealed class RankGroup(ICollective collective)
{
    private Standing _standing;

    private enum Standing
    {
        Together,

        /// <summary>A rank failed or was cancelled, and all know.</summary>
        Parted,

        /// <summary>A call of the collective failed: nothing more can be exchanged.</summary>
        Broken,
    }

    public int Rank => collective.Rank;

    public int WorldSize => collective.WorldSize;

    public bool IsAlone => WorldSize == 1;

    /// <summary>Whether a rank was cancelled, and all know.</summary>
    public bool WasCancelled { get; private set; }

    /// <summary>One round.</summary>
    /// <param name="stopReason">Why this rank asks the run to stop, or none.</param>
    /// <param name="asksCheckpoint">Whether it asks for a checkpoint.</param>
    /// <param name="checksum">What must be the same on all ranks, below 2^53; all give one, or none does.</param>
    /// <param name="addend">Its part of a sum.</param>
    /// <param name="adjustments">The settings that its callbacks have changed since the last round, in JSON, or none.</param>
    /// <exception cref="RankException">Another rank failed, or has another checksum.</exception>
    /// <exception cref="OperationCanceledException">Another rank was cancelled.</exception>
    /// <exception cref="CollectiveException">The ranks cannot work together any more.</exception>
    public Agreement Agree(string? stopReason = null, bool asksCheckpoint = false, long checksum = 0, double addend = 0, string? adjustments = null)
    {
        if (IsAlone)
            return new Agreement(stopReason, asksCheckpoint, addend, adjustments);
        var signals = (stopReason is null ? RankSignals.None : RankSignals.AsksStop)
            | (asksCheckpoint ? RankSignals.AsksCheckpoint : RankSignals.None)
            | (adjustments is null ? RankSignals.None : RankSignals.Adjusts);
        var round = Meet(signals, stopReason, checksum, addend);
        if (round.First(RankSignals.Failed) is { } failed)
            throw new RankException(failed, round.Text!);
        if (round.First(RankSignals.Cancelled) is { } cancelled)
            throw new OperationCanceledException($"rank {cancelled} was cancelled, and with it the run");
        if (Array.FindIndex(round.Checksums, c => c != round.Checksums[0]) is >= 0 and var odd)
        {
            _standing = Standing.Parted;
            throw new RankException(odd, FormattableString.Invariant(
                $"rank {odd}: the checksum of the weights is {round.Checksums[odd]}; rank 0 has {round.Checksums[0]}. The ranks no longer train the same model; resume from the last checkpoint."));
        }

        var adjusted = round.First(RankSignals.Adjusts) is { } root ? Share(adjustments ?? string.Empty, root) : null;
        return new Agreement(round.Text, round.First(RankSignals.AsksCheckpoint) is not null, round.Sum, adjusted);
    }

    /// <summary>Takes part in the round that the others are in or come to, and tells them that this rank's run is over. Nothing if they know already.</summary>
    public void Join(Exception exception, bool isCancelled)
    {
        if (IsAlone || _standing != Standing.Together)
            return;
        var text = exception is RankException ? exception.Message : $"rank {Rank} failed: {exception.GetType().Name}: {exception.Message}";
        try
        {
            Meet(isCancelled ? RankSignals.Cancelled : RankSignals.Failed, text, checksum: 0, addend: 0);
        }
        catch (CollectiveException)
        {
            // The job is aborted with a message of its own; the caller has the exception that came first.
        }
    }

    /// <summary>A round in which each rank says what it has otherwise than rank 0.</summary>
    /// <param name="fault">A sentence without its full stop, or none.</param>
    /// <param name="advice">A sentence without its full stop, with which all messages end.</param>
    /// <exception cref="RankException">On all ranks the same: the fault of the first, and how many others have one.</exception>
    public void RequireAlike(string? fault, string advice)
    {
        if (IsAlone)
            return;
        var round = Meet(fault is null ? RankSignals.None : RankSignals.Failed, fault, checksum: 0, addend: 0);
        if (round.First(RankSignals.Failed) is not { } first)
            return;
        int[] others = [.. Enumerable.Range(first + 1, WorldSize - first - 1).Where(r => round.Signals[r].HasFlag(RankSignals.Failed))];
        var and = others.Length == 0 ? string.Empty : $" ({(others.Length == 1 ? "rank" : "ranks")} {string.Join(", ", others)} {(others.Length == 1 ? "differs" : "differ")} from rank 0 too)";
        throw new RankException(first, $"{round.Text}{and}. {advice}.");
    }

    /// <exception cref="CollectiveException">A rank failed or was cancelled before.</exception>
    public void RequireTogether()
    {
        if (_standing != Standing.Together)
            throw new CollectiveException("the ranks have parted, because the run of one ended by an exception or was cancelled; start all of them again");
    }

    /// <summary>Waits until all ranks are here, however long that takes.</summary>
    public void Wait()
    {
        if (!IsAlone && _standing != Standing.Broken)
            Call(c => c.Barrier());
    }

    /// <summary>Puts the sum over all ranks in the place of the elements; directly after a round.</summary>
    public void Sum(Tensor tensor)
    {
        if (!IsAlone)
            Call(c => c.AllReduce(tensor, ReduceOperation.Sum));
    }

    /// <summary>Gives all ranks the elements of rank 0; directly after a round.</summary>
    public void Share(Tensor tensor)
    {
        if (!IsAlone)
            Call(c => c.Broadcast(tensor));
    }

    /// <summary>Gives all ranks the text of one; directly after a round.</summary>
    public string Share(string text, int root = 0)
    {
        if (IsAlone)
            return text;
        using var scope = NewDisposeScope();
        var mine = Encoding.UTF8.GetBytes(text);
        var length = tensor((long[])[mine.Length]);
        Call(c => c.Broadcast(length, root));
        var bytes = root == Rank ? tensor(mine) : empty(length.item<long>(), ScalarType.Byte);
        if (bytes.numel() > 0)
            Call(c => c.Broadcast(bytes, root));
        return Encoding.UTF8.GetString(bytes.data<byte>().ToArray());
    }

    private Round Meet(RankSignals signals, string? text, long checksum, double addend)
    {
        RequireTogether();
        var mine = new double[(2 * WorldSize) + 1];
        (mine[Rank], mine[WorldSize + Rank], mine[2 * WorldSize]) = ((int)signals, checksum, addend);
        double[] all;
        using (NewDisposeScope())
        {
            var numbers = tensor(mine);
            Call(c => c.AllReduce(numbers, ReduceOperation.Sum));
            all = numbers.data<double>().ToArray();
        }

        var round = new Round(Array.ConvertAll(all[..WorldSize], n => (RankSignals)(int)n), all[WorldSize..^1], all[^1]);
        WasCancelled |= round.First(RankSignals.Failed) is null && round.First(RankSignals.Cancelled) is not null;
        var speaker = round.First(RankSignals.Failed) ?? round.First(RankSignals.Cancelled) ?? round.First(RankSignals.AsksStop);
        if (speaker is { } root)
            round = round with { Text = Share(text ?? string.Empty, root) };
        if (round.First(RankSignals.Failed | RankSignals.Cancelled) is not null)
            _standing = Standing.Parted;
        return round;
    }

    private void Call(Action<ICollective> call)
    {
        try
        {
            call(collective);
        }
        catch (Exception e)
        {
            if (_standing != Standing.Broken)
            {
                _standing = Standing.Broken;
                collective.Abort(string.Create(CultureInfo.InvariantCulture, $"rank {Rank} cannot go on: {e.Message}"));
            }

            throw;
        }
    }

    /// <summary>What the ranks brought to a round; the text is that of the first that failed, else of the first that was cancelled, else of the first that asks to stop.</summary>
    private sealed record Round(RankSignals[] Signals, double[] Checksums, double Sum)
    {
        public string? Text { get; init; }

        /// <summary>The first rank that gives any of the signals.</summary>
        public int? First(RankSignals any) => Array.FindIndex(Signals, s => (s & any) != 0) is >= 0 and var rank ? rank : null;
    }
}
