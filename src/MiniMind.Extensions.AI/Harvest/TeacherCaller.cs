using System.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace MiniMind.Extensions.AI;

/// <summary>Sends requests: so many at a time, at the allowed pace, again after faults that pass, each within its time.</summary>
internal sealed partial class TeacherCaller : IDisposable
{
    private const long UnknownTokens = 1000;

    private readonly IChatClient _teacher;
    private readonly HarvestOptions _options;
    private readonly BudgetMeter _budget;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _slots;
    private readonly TeacherPace _pace;
    private readonly ResiliencePipeline<Outcome> _pipeline;
    private int _failuresInARow;

    public TeacherCaller(IChatClient teacher, HarvestOptions options, BudgetMeter budget, ILogger logger)
    {
        (_teacher, _options, _budget, _logger) = (teacher, options, budget, logger);
        _slots = new SemaphoreSlim(options.Concurrency);
        _pace = new TeacherPace(options.RequestsPerMinute, options.TokensPerMinute, options.Limiter, options.TimeProvider);
        var builder = new ResiliencePipelineBuilder<Outcome> { TimeProvider = options.TimeProvider };
        if (options.MaxRetries > 0)
            builder.AddRetry(new RetryStrategyOptions<Outcome>
            {
                MaxRetryAttempts = options.MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryDelay,
                MaxDelay = options.MaxRetryDelay,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Result is { Fault: { } fault } && MayPass(fault)),
                OnRetry = arguments =>
                {
                    LogRetry(_logger, arguments.Outcome.Result!.Fault!.Message, arguments.AttemptNumber + 1, arguments.RetryDelay.TotalSeconds);
                    return default;
                },
                // All requests wait where the teacher asked for it; this one no longer than the others.
                DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(AsksToWait(arguments.Outcome.Result!.Fault!) ? TimeSpan.Zero : null),
            });
        _pipeline = builder.Build();
    }

    /// <summary>Asks once, repetitions included.</summary>
    /// <returns>The reply or the last fault; null if the budget has no request left.</returns>
    /// <exception cref="TeacherException">The teacher cannot be asked any further.</exception>
    public async Task<Outcome?> AskAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var started = _options.TimeProvider.GetTimestamp();
            var requests = 0;
            Outcome? last = null;
            var outcome = await _pipeline.ExecuteAsync(
                async token =>
                {
                    if (!_budget.TryReserve())
                        return new Outcome(null, last?.Fault) { IsOutOfBudget = true };
                    requests++;
                    return last = await SendAsync(request, token).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
            if (requests == 0)
                return null;
            RequireUsable(outcome);
            return outcome with { Requests = requests, Elapsed = _options.TimeProvider.GetElapsedTime(started) };
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose()
    {
        _pace.Dispose();
        _slots.Dispose();
    }

    private static bool MayPass(TeacherFault fault) => fault.Kind is TeacherFaultKind.Transient or TeacherFaultKind.TimedOut or TeacherFaultKind.RateLimited;

    private async Task<Outcome> SendAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        var tokens = (Input: 0L, Output: 0L);
        TeacherPace.Use? use = null;
        try
        {
            use = await _pace.EnterAsync(UnknownTokens, cancellationToken).ConfigureAwait(false);
            using var late = new CancellationTokenSource(_options.Timeout, _options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
            try
            {
                var reply = await ReplyAsync(request, either.Token).ConfigureAwait(false);
                tokens = (reply.InputTokens ?? 0, reply.OutputTokens ?? 0);
                Interlocked.Exchange(ref _failuresInARow, 0);
                _pace.EndPauses();
                return new Outcome(reply, null);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not TeacherException)
            {
                var fault = late.IsCancellationRequested
                    ? new TeacherFault(TeacherFaultKind.TimedOut, $"no reply came within {_options.Timeout}")
                    : TeacherFault.From(e, _options.TimeProvider);
                if (AsksToWait(fault))
                    PauseAll(fault);
                return new Outcome(null, fault);
            }
        }
        finally
        {
            _budget.Settle(tokens.Input, tokens.Output);
            if (use is not null)
                _pace.Settle(use, tokens.Input + tokens.Output);
        }
    }

    private async Task<TeacherReply> ReplyAsync(TeacherRequest request, CancellationToken cancellationToken)
    {
        if (!_options.UseStreaming)
            return TeacherReply.From(await _teacher.GetResponseAsync(request.ToMessages(), request.Options.Clone(), cancellationToken).ConfigureAwait(false));
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in _teacher.GetStreamingResponseAsync(request.ToMessages(), request.Options.Clone(), cancellationToken).ConfigureAwait(false))
            updates.Add(update);
        var reply = TeacherReply.From(updates.ToChatResponse());
        // Every service ends a stream with a reason; one that just stops was cut.
        return reply.FinishReason is null ? throw new IOException("the stream ended without saying why: it was cut") : reply;
    }

    private static bool AsksToWait(TeacherFault fault) => fault.Kind == TeacherFaultKind.RateLimited || fault.RetryAfter is not null;

    /// <summary>A teacher that asks to wait is not asked by anybody until then.</summary>
    private void PauseAll(TeacherFault fault)
    {
        if (fault.RetryAfter > _options.MaxRetryDelay)
            throw new TeacherException(
                $"the teacher asks to wait {fault.RetryAfter}, longer than HarvestOptions.MaxRetryDelay ({_options.MaxRetryDelay}): {fault.Message}", fault);
        _pace.Pause(fault.RetryAfter, pauses =>
        {
            var wait = _options.RetryDelay * Math.Pow(2, Math.Min(pauses, 30)) * (0.75 + (0.5 * Random.Shared.NextDouble()));
            return wait < _options.MaxRetryDelay ? wait : _options.MaxRetryDelay;
        });
    }

    private void RequireUsable(Outcome outcome)
    {
        if (outcome.Fault is not { } fault || outcome.IsOutOfBudget)
            return;
        if (fault.Kind == TeacherFaultKind.Permanent)
            throw new TeacherException($"the teacher refuses all such requests{(fault.Status is { } status ? $" (status {status})" : string.Empty)}: {fault.Message}", fault);
        if (MayPass(fault) && Interlocked.Increment(ref _failuresInARow) >= _options.MaxConsecutiveFailures)
            throw new TeacherException($"{_options.MaxConsecutiveFailures} requests in a row have failed, the last with: {fault.Message}", fault);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The teacher failed ({Fault}); repetition {Attempt} in {Seconds:F1} s.")]
    private static partial void LogRetry(ILogger logger, string fault, int attempt, double seconds);

    /// <summary>A reply or a fault.</summary>
    public sealed record Outcome(TeacherReply? Reply, TeacherFault? Fault)
    {
        public int Requests { get; init; }

        public TimeSpan Elapsed { get; init; }

        /// <summary>Whether the budget ended between repetitions.</summary>
        public bool IsOutOfBudget { get; init; }
    }
}
