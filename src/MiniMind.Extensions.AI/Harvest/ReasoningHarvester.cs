using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MiniMind.Extensions.AI;

/// <summary>Asks a teacher for written reasoning and makes training data of it.</summary>
/// <remarks>
/// <para>All that the teacher is asked and replies is added to a ledger (<c>attempts.jsonl</c>) and never asked twice: a run that was stopped, killed or
/// ran out of budget is continued by running it again, and another verifier, filter or form of the answer costs no request. A changed prompt, option or
/// teacher makes other requests. From the ledger <c>train.jsonl</c>, <c>dataset.json</c> and a data card are derived, the same whatever order replies
/// came in and however often the run was interrupted.</para>
/// <para>A kill can cost the replies that were under way, at most <see cref="HarvestOptions.Concurrency"/> of them: they are asked again.</para>
/// </remarks>
public sealed class ReasoningHarvester
{
    private readonly IChatClient _teacher;
    private readonly HarvestOptions _options;
    private readonly ILogger _logger;

    /// <summary>Creates a harvester.</summary>
    /// <param name="teacher">The teacher; safe for use by several threads. It is not disposed of.</param>
    /// <param name="options">Settings.</param>
    /// <param name="logger">Told of repetitions; none by default.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Settings are wrong; all are named.</exception>
    public ReasoningHarvester(IChatClient teacher, HarvestOptions options, ILogger<ReasoningHarvester>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_teacher, _options) = (teacher.UseReasoningFromRaw(), options with { Budget = options.Budget with { }, Prices = options.Prices with { }, Chat = options.Chat.Clone() });
        _logger = (ILogger?)logger ?? NullLogger.Instance;
    }

    /// <summary>Asks what is missing, judges every reply, and writes the training data.</summary>
    /// <param name="problems">The problems; they are read as they are needed.</param>
    /// <param name="verifier">Decides which replies are right; without one, every complete reply is an example.</param>
    /// <param name="progress">Told the counts after each reply; none by default.</param>
    /// <param name="cancellationToken">Ends the run; what was replied is in the ledger.</param>
    /// <returns>The counts.</returns>
    /// <exception cref="TeacherException">The teacher cannot be asked any further: a wrong key, an unknown model, too many failures in a row, or reasoning
    /// that never arrives. What was replied is in the ledger.</exception>
    /// <exception cref="LedgerException">The folder is another run's, or a file in it cannot be used.</exception>
    /// <exception cref="ArgumentException">A problem does not end with a user's turn.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public async Task<HarvestReport> RunAsync(
        IAsyncEnumerable<HarvestProblem> problems,
        IReplyVerifier? verifier = null,
        IProgress<HarvestProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(problems);
        var teacher = _options.TeacherId ?? NameOf(_teacher, _options.Chat);
        using var folder = new HarvestFolder(_options.Directory);
        var budget = new BudgetMeter(_options.Budget, _options.Prices);
        budget.Add(folder.Attempts.Used.Requests, folder.Attempts.Used.InputTokens, folder.Attempts.Used.OutputTokens);
        using var caller = new TeacherCaller(_teacher, _options, budget, _logger);
        var counts = new HarvestCounts(_options);
        var run = new HarvestRun(teacher, _options, folder, caller, verifier, counts, progress);
        await run.RunAsync(problems, cancellationToken).ConfigureAwait(false);

        var files = new HarvestFiles(folder, _options, teacher);
        files.WriteExamples(run.Kept);
        var now = counts.Snapshot();
        files.WriteDescription(files.Describe(run, now, verifier));
        return new HarvestReport
        {
            Counts = now,
            Solved = run.Solved,
            DuplicateProblems = run.DuplicateProblems,
            IsComplete = run.IsComplete,
            TornLines = folder.Attempts.TornLines,
            TrainingFile = folder.PathOf(HarvestFiles.TrainingName),
        };
    }

    private static string NameOf(IChatClient teacher, ChatOptions options)
    {
        var metadata = teacher.GetService(typeof(ChatClientMetadata)) as ChatClientMetadata;
        string?[] parts = [metadata?.ProviderName, options.ModelId ?? metadata?.DefaultModelId];
        return string.Join('/', parts.Where(p => !string.IsNullOrEmpty(p))) is { Length: > 0 } name ? name : teacher.GetType().Name;
    }
}
