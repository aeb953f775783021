using System.Globalization;

namespace MiniMind.Extensions.AI;

/// <summary>One run of a harvest over its folder: asks what is missing, judges, and notes which replies become examples.</summary>
internal sealed class HarvestRun(
    string teacher, HarvestOptions options, HarvestFolder folder, TeacherCaller caller, IReplyVerifier? verifier, HarvestCounts counts, IProgress<HarvestProgress>? progress)
{
    private readonly Lock _lock = new();
    private readonly List<KeptReply> _kept = [];
    private readonly HashSet<LedgerKey> _problems = [];
    private int _missingReasoning;
    private volatile bool _hasReasoning;
    private volatile bool _isOutOfBudget;

    public int DuplicateProblems { get; private set; }

    public int Solved { get; private set; }

    public bool IsComplete => !_isOutOfBudget;

    /// <summary>The replies to keep, in the order of problems and samples, whatever order they came in.</summary>
    public List<KeptReply> Kept => [.. _kept.OrderBy(k => k.Problem).ThenBy(k => k.Sample)];

    /// <summary>Works on as many problems at a time as requests may be under way.</summary>
    public async Task RunAsync(IAsyncEnumerable<HarvestProblem> problems, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Different(problems), parallel, async (numbered, token) =>
        {
            await HarvestAsync(numbered.Index, numbered.Problem, token).ConfigureAwait(false);
            counts.Update(now => now with { Problems = now.Problems + 1 });
            progress?.Report(counts.Snapshot());
        }).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<(int Index, HarvestProblem Problem)> Different(IAsyncEnumerable<HarvestProblem> problems)
    {
        var index = 0;
        await foreach (var problem in problems.ConfigureAwait(false))
        {
            if (problem?.Turns is not [.., { Role: "user" }])
                throw new ArgumentException($"problem {index + DuplicateProblems + 1} does not end with a user's turn; expected one to reply to", nameof(problems));
            if (_problems.Add(TeacherRequest.Create(teacher, options, problem, 0).Key))
                yield return (index++, problem);
            else
                DuplicateProblems++;
        }
    }

    private async Task HarvestAsync(int index, HarvestProblem problem, CancellationToken cancellationToken)
    {
        List<HarvestAttempt> attempts = [];
        List<(bool IsRight, string Cause)> verdicts = [];
        if (options.StopAfterRight is { } enough)
            for (var sample = 0; sample < options.Samples && verdicts.Count(v => v.IsRight) < enough; sample++)
            {
                if (await AttemptAsync(problem, sample, cancellationToken).ConfigureAwait(false) is not { } attempt)
                    continue;
                attempts.Add(attempt);
                verdicts = await JudgeAsync(problem, attempts, verdicts, cancellationToken).ConfigureAwait(false);
            }
        else
        {
            var all = await Task.WhenAll(Enumerable.Range(0, options.Samples).Select(sample => AttemptAsync(problem, sample, cancellationToken))).ConfigureAwait(false);
            attempts = [.. all.OfType<HarvestAttempt>()];
            verdicts = await JudgeAsync(problem, attempts, verdicts, cancellationToken).ConfigureAwait(false);
        }

        Keep(index, problem, attempts, verdicts);
    }

    /// <summary>The reply from the ledger, or else from the teacher; null if it failed for now or the budget has ended.</summary>
    private async Task<HarvestAttempt?> AttemptAsync(HarvestProblem problem, int sample, CancellationToken cancellationToken)
    {
        var request = TeacherRequest.Create(teacher, options, problem, sample);
        if (folder.Attempts.Find(request.Key) is { } earlier)
        {
            counts.Update(now => now with
            {
                Reused = now.Reused + 1,
                ReusedInputTokens = now.ReusedInputTokens + (earlier.InputTokens ?? 0),
                ReusedOutputTokens = now.ReusedOutputTokens + (earlier.OutputTokens ?? 0),
                WithoutFinishReason = now.WithoutFinishReason + Unsaid(earlier),
            });
            return earlier;
        }

        if (_isOutOfBudget)
            return null;
        if (await caller.AskAsync(request, cancellationToken).ConfigureAwait(false) is not { } outcome)
        {
            _isOutOfBudget = true;
            return null;
        }

        _isOutOfBudget |= outcome.IsOutOfBudget;
        var attempt = Recorded(problem, request, outcome);
        folder.Attempts.Add(attempt, request.Key);
        Count(attempt);
        RequireReasoning(attempt);
        return attempt.IsAnswered ? attempt : null;
    }

    private HarvestAttempt Recorded(HarvestProblem problem, TeacherRequest request, TeacherCaller.Outcome outcome) => new()
    {
        Key = request.Key.ToString(),
        Time = options.TimeProvider.GetUtcNow(),
        Problem = NameOf(problem),
        Sample = request.Sample,
        Request = request.Turns,
        Text = outcome.Reply?.Text ?? string.Empty,
        Reasoning = outcome.Reply?.Reasoning ?? string.Empty,
        FinishReason = outcome.Reply?.FinishReason?.Value,
        InputTokens = outcome.Reply?.InputTokens,
        OutputTokens = outcome.Reply?.OutputTokens,
        ReasoningTokens = outcome.Reply?.ReasoningTokens,
        Model = outcome.Reply?.ModelId,
        Seconds = Math.Round(outcome.Elapsed.TotalSeconds, 3),
        Requests = outcome.Requests,
        Error = outcome.Fault,
    };

    private void Count(HarvestAttempt attempt)
    {
        counts.Update(now => now with
        {
            Asked = now.Asked + (attempt.IsAnswered ? 1 : 0),
            Failed = now.Failed + (attempt.IsAnswered ? 0 : 1),
            WithoutFinishReason = now.WithoutFinishReason + Unsaid(attempt),
            InputTokens = now.InputTokens + (attempt.InputTokens ?? 0),
            OutputTokens = now.OutputTokens + (attempt.OutputTokens ?? 0),
            ReasoningTokens = now.ReasoningTokens + (attempt.ReasoningTokens ?? 0),
        });
        progress?.Report(counts.Snapshot());
    }

    private static int Unsaid(HarvestAttempt attempt) => attempt is { Error: null, FinishReason: null } ? 1 : 0;

    /// <summary>Reasoning that is paid for and does not arrive is the client's doing: thousands of such replies would be worth nothing.</summary>
    private void RequireReasoning(HarvestAttempt attempt)
    {
        _hasReasoning |= attempt.Reasoning.Length > 0;
        if (_hasReasoning || attempt.ReasoningTokens is null or 0 || Interlocked.Increment(ref _missingReasoning) < options.MissingReasoningLimit)
            return;
        throw new TeacherException(
            $"{_missingReasoning} replies used reasoning tokens, and no reasoning has arrived with any reply: the service keeps it to itself, or the client drops it. "
            + "Ask for it (ChatOptions.Reasoning), take a client that returns TextReasoningContent, or raise HarvestOptions.MissingReasoningLimit");
    }

    /// <summary>Judges what can be an example; of what was judged alone before, the verdict stays.</summary>
    private async Task<List<(bool IsRight, string Cause)>> JudgeAsync(
        HarvestProblem problem, List<HarvestAttempt> attempts, List<(bool IsRight, string Cause)> earlier, CancellationToken cancellationToken)
    {
        var verdicts = attempts.Select((a, i) => i < earlier.Count && verifier is not { RequiresAllReplies: true } ? earlier[i] : ((bool, string)?)null).ToArray();
        List<int> open = [];
        for (var i = 0; i < verdicts.Length; i++)
            if (verdicts[i] is null)
            {
                if (ReplyForm.Fault(attempts[i], options) is { } fault)
                    verdicts[i] = (false, fault);
                else if (verifier is null)
                    verdicts[i] = (true, "not verified");
                else
                    open.Add(i);
            }

        if (verifier is { RequiresAllReplies: true } && open.Count > 0)
            await VerifyAsync(problem, attempts, open, verdicts, cancellationToken).ConfigureAwait(false);
        else
            foreach (var i in open)
                await VerifyAsync(problem, attempts, [i], verdicts, cancellationToken).ConfigureAwait(false);
        return [.. verdicts.Select(v => v!.Value)];
    }

    /// <summary>Verdicts on replies that are judged together, from the ledger or the verifier.</summary>
    private async Task VerifyAsync(
        HarvestProblem problem, List<HarvestAttempt> attempts, List<int> together, (bool, string)?[] verdicts, CancellationToken cancellationToken)
    {
        var group = string.Join(' ', together.Select(i => attempts[i].Key));
        var keys = together.ConvertAll(i => LedgerKey.Of(verifier!.Description, problem.Answer ?? "\u0000", group, attempts[i].Key));
        if (keys.TrueForAll(key => folder.Verdicts.Find(key) is not null))
        {
            for (var i = 0; i < keys.Count; i++)
                verdicts[together[i]] = folder.Verdicts.Find(keys[i]);
            return;
        }

        IReadOnlyList<ReplyVerdict> judged = verifier!.RequiresAllReplies
            ? await verifier.VerifyAllAsync(problem, together.ConvertAll(i => attempts[i].ToReply()), cancellationToken).ConfigureAwait(false)
            : [await verifier.VerifyAsync(problem, attempts[together[0]].ToReply(), cancellationToken).ConfigureAwait(false)];
        if (judged.Count != together.Count)
            throw new InvalidOperationException($"{verifier.GetType()} gave {judged.Count} verdicts on {together.Count} replies; expected one for each");
        for (var i = 0; i < keys.Count; i++)
        {
            folder.Verdicts.Add(keys[i], attempts[together[i]].Key, judged[i]);
            verdicts[together[i]] = (judged[i].IsRight, judged[i].Cause);
        }
    }

    private void Keep(int index, HarvestProblem problem, List<HarvestAttempt> attempts, List<(bool IsRight, string Cause)> verdicts)
    {
        var right = verdicts.Count(v => v.IsRight);
        foreach (var (attempt, verdict) in attempts.Zip(verdicts))
        {
            if (!verdict.IsRight)
            {
                counts.Reject(verdict.Cause);
                continue;
            }

            _ = LedgerKey.TryParse(attempt.Key, out var key);
            lock (_lock)
                _kept.Add(new KeptReply(
                    index, attempt.Sample, key, attempts.Count, right, problem.Category, problem.Answer, attempt.Request.Count - problem.Turns.Count, NameOf(problem)));
        }

        if (right == 0)
            return;
        lock (_lock)
            Solved++;
        counts.Update(now => now with { Right = now.Right + right, Kept = now.Kept + right });
    }

    /// <summary>A problem without a name is called by a hash of its turns.</summary>
    private static string NameOf(HarvestProblem problem) => problem.Id ?? LedgerKey.Of(
        [problem.Turns.Count.ToString(CultureInfo.InvariantCulture), .. problem.Turns.SelectMany(t => (string[])[t.Role, t.Content])]).ToString();
}
