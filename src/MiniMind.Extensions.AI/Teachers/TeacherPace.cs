using System.Threading.RateLimiting;

namespace MiniMind.Extensions.AI;

/// <summary>When the next request may be sent: no more than so many requests and tokens in any minute, and none while the teacher has asked to wait.</summary>
/// <remarks>The limiters of System.Threading.RateLimiting cannot say how many tokens a request will have used, run on the machine's clock only, and let a full
/// bucket and its refill through within one minute. One of them may be given in addition, to share a limit with other code.</remarks>
internal sealed class TeacherPace(int? requestsPerMinute, int? tokensPerMinute, RateLimiter? shared, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _lock = new();
    private readonly Queue<DateTimeOffset> _requests = new();
    private readonly LinkedList<Use> _uses = new();
    private DateTimeOffset _pausedUntil = DateTimeOffset.MinValue;
    private int _pausesInARow;
    private long _usedTokens;
    private long _largest;

    /// <summary>Waits for its turn, in the order in which it is called.</summary>
    /// <param name="expectedTokens">What the request is taken to use if no larger one was seen.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What must be told the tokens that were used.</returns>
    /// <exception cref="TeacherException">The shared limiter lets nothing through any more.</exception>
    public async ValueTask<Use> EnterAsync(long expectedTokens, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (shared is not null)
                using (var lease = await shared.AcquireAsync(1, cancellationToken).ConfigureAwait(false))
                    if (!lease.IsAcquired)
                        throw new TeacherException("HarvestOptions.Limiter refuses a request; expected one that lets it wait, with a queue long enough");
            while (true)
            {
                TimeSpan wait;
                lock (_lock)
                {
                    var estimate = Math.Max(_largest, expectedTokens);
                    wait = TimeToWait(estimate);
                    if (wait <= TimeSpan.Zero)
                        return Take(estimate);
                }

                await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Lets nothing through for a while; a longer pause that is on stays.</summary>
    /// <param name="asked">How long the teacher asks to wait, if it says so.</param>
    /// <param name="unasked">How long to wait otherwise, by the number of such pauses since the last reply; requests that were under way together make one.</param>
    public void Pause(TimeSpan? asked, Func<int, TimeSpan> unasked)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (asked is null && now < _pausedUntil)
                return;
            var until = now + (asked ?? unasked(_pausesInARow));
            _pausesInARow++;
            _pausedUntil = until > _pausedUntil ? until : _pausedUntil;
        }
    }

    /// <summary>A reply came: the next pause is a short one again.</summary>
    public void EndPauses()
    {
        lock (_lock)
            _pausesInARow = 0;
    }

    /// <summary>Replaces what a request was taken to use by what it used.</summary>
    public void Settle(Use use, long tokens)
    {
        lock (_lock)
        {
            if (use.IsCounted)
                _usedTokens += tokens - use.Tokens;
            use.Tokens = tokens;
            _largest = Math.Max(_largest, tokens);
        }
    }

    public void Dispose() => _turn.Dispose();

    private Use Take(long estimate)
    {
        var now = time.GetUtcNow();
        if (requestsPerMinute is not null)
            _requests.Enqueue(now);
        var use = new Use(now) { Tokens = estimate, IsCounted = tokensPerMinute is not null };
        if (use.IsCounted)
        {
            _uses.AddLast(use);
            _usedTokens += estimate;
        }

        return use;
    }

    private TimeSpan TimeToWait(long estimate)
    {
        var now = time.GetUtcNow();
        var wait = _pausedUntil - now;
        while (_requests.TryPeek(out var first) && now - first >= Window)
            _requests.Dequeue();
        if (requestsPerMinute is { } requests && _requests.Count >= requests)
            wait = Longer(wait, Window - (now - _requests.Peek()));
        while (_uses.First is { Value: var oldest } && now - oldest.Time >= Window)
        {
            _usedTokens -= oldest.Tokens;
            oldest.IsCounted = false;
            _uses.RemoveFirst();
        }

        // A single request of more tokens than the limit is let through alone, because it would wait for ever.
        if (tokensPerMinute is { } tokens && _uses.First is { Value: var next } && _usedTokens + estimate > tokens)
            wait = Longer(wait, Window - (now - next.Time));
        return wait;
    }

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    /// <summary>A request that was let through.</summary>
    public sealed class Use(DateTimeOffset time)
    {
        public DateTimeOffset Time { get; } = time;

        public long Tokens { get; set; }

        public bool IsCounted { get; set; }
    }
}
