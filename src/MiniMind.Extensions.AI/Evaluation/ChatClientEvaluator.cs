using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>Examines any chat client as <see cref="ReasoningEvaluator"/> examines a student: the same problems, the same comparer, the same counts. So teacher and
/// student stand in one table (<see cref="EvaluationTable"/>).</summary>
/// <remarks>A reply keeps the format if it has reasoning and an answer, in whatever form the client gives them. A reply that cannot be had ends the examination:
/// it is never counted as a wrong one.</remarks>
public sealed class ChatClientEvaluator
{
    private readonly IReadOnlyList<ReasoningProblem> _problems;
    private readonly ChatClientEvaluatorOptions _options;

    /// <summary>Creates an evaluator.</summary>
    /// <param name="problems">The problems, at least one.</param>
    /// <param name="options">Settings; none for the defaults.</param>
    /// <exception cref="ArgumentException">There are no problems.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Settings are wrong; all are named.</exception>
    public ChatClientEvaluator(IReadOnlyList<ReasoningProblem> problems, ChatClientEvaluatorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(problems);
        if (problems.Count == 0)
            throw new ArgumentException("there are no problems; expected at least one", nameof(problems));
        options ??= new ChatClientEvaluatorOptions();
        options.Validate();
        (_problems, _options) = (problems, options with { Chat = options.Chat.Clone() });
    }

    /// <summary>Examines a client.</summary>
    /// <param name="client">The client.</param>
    /// <param name="progress">Told the number of replies so far; none for no progress.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The result. Its times are of requests under way together; a held-out loss it has not.</returns>
    /// <exception cref="TeacherException">A reply cannot be had, all repetitions included.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public async Task<ReasoningEvaluation> EvaluateAsync(IChatClient client, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        var options = _options.ToHarvest();
        var started = options.TimeProvider.GetTimestamp();
        using var caller = new TeacherCaller(client.UseReasoningFromRaw(), options, new BudgetMeter(options.Budget, options.Prices), NullLogger.Instance);
        var replies = new EvaluatedReply[_problems.Count * _options.Samples];
        var done = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, replies.Length, parallel, async (i, token) =>
        {
            replies[i] = await ExamineAsync(caller, options, i / _options.Samples, i % _options.Samples, token).ConfigureAwait(false);
            progress?.Report(Interlocked.Increment(ref done));
        }).ConfigureAwait(false);
        return ReasoningEvaluation.Of(replies, _options.Comparer, heldOutLoss: null, options.TimeProvider.GetElapsedTime(started));
    }

    private async Task<EvaluatedReply> ExamineAsync(TeacherCaller caller, HarvestOptions options, int index, int sample, CancellationToken cancellationToken)
    {
        var problem = _problems[index];
        var request = TeacherRequest.Create(string.Empty, options, new HarvestProblem(problem.Turns), sample);
        var outcome = (await caller.AskAsync(request, cancellationToken).ConfigureAwait(false))!;
        var said = outcome.Reply ?? throw new TeacherException($"problem {index + 1} got no reply: {outcome.Fault!.Message}", outcome.Fault);
        var reply = said.ToReasoningReply();
        var isTruncated = said.FinishReason == ChatFinishReason.Length;
        return new EvaluatedReply
        {
            ProblemIndex = index,
            Sample = sample,
            Problem = problem,
            Prompt = string.Join('\n', request.Turns.Select(t => t.Content)),
            Text = said.Text,
            Reply = reply,
            IsRight = await _options.Comparer.IsRightAsync(problem, reply, cancellationToken).ConfigureAwait(false),
            Tokens = (int)(said.OutputTokens ?? Count(said.Reasoning) + Count(said.Text)),
            ReasoningTokens = (int)(said.ReasoningTokens ?? Count(said.Reasoning)),
            FinishReason = isTruncated ? FinishReason.MaxNewTokens : FinishReason.StopToken,
            IsTruncated = isTruncated,
        };
    }

    private int Count(string text) => _options.Tokenizer?.Encode(text, addSpecialTokens: false).Length ?? 0;
}
