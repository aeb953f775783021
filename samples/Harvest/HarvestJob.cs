using System.ClientModel;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using MiniMind.Extensions.AI;
using Spectre.Console;

namespace MiniMind.Samples.Harvest;

/// <summary>The command: problems → teacher → ledger → training data.</summary>
internal static class HarvestJob
{
    private const int JudgeRetries = 5;

    /// <returns>0; 1 if it could not go on; 130 if it was cancelled.</returns>
    public static Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var command = CommandLine.Create(async (parsed, cancellationToken) =>
        {
            HarvestSettings? settings = null;
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
            try
            {
                settings = CommandLine.Read(parsed);
                await (settings.IsDryRun ? EstimateAsync(settings, console, cancellationToken) : HarvestAsync(settings, console, cancellationToken));
                return 0;
            }
            catch (Exception e) when (e is MiniMindException or ArgumentException or IOException or UnauthorizedAccessException or OptionsValidationException)
            {
                error.WriteLine(e.Message);
                if (e is TeacherException)
                    error.WriteLine($"What was replied is in {settings?.Options.Directory}; run the command again to go on.");
                return 1;
            }
            catch (Exception e) when (e is ClientResultException or AggregateException)
            {
                // The teacher's faults the harvester tells; this one is the judge's, several where the client has repeated the request.
                error.WriteLine($"The judge has failed: {TeacherFault.From(e).Message}\nWhat was replied is in {settings?.Options.Directory}; run the command again to go on.");
                return 1;
            }
            catch (OperationCanceledException)
            {
                error.WriteLine($"Cancelled. What was replied is in {settings?.Options.Directory}; run the command again to go on.");
                return 130;
            }
        });
        return command.Parse(args).InvokeAsync(new() { Output = output, Error = error });
    }

    private static async Task HarvestAsync(HarvestSettings settings, IAnsiConsole console, CancellationToken cancellationToken)
    {
        using var teacher = settings.Teacher.Connect(retries: 0);
        using var judge = settings.Judge?.Connect(JudgeRetries);
        var (problems, verifier) = await PrepareAsync(settings, judge, console, cancellationToken);
        var report = await AskAsync(teacher, settings.Options, problems.All(cancellationToken), problems.Count, verifier, console, cancellationToken);
        var output = console.Profile.Out.Writer;
        if (report.DuplicateProblems > 0)
            output.WriteLine($"{report.DuplicateProblems} problems are there more than once, and were asked once.");
        if (report.TornLines > 0)
            output.WriteLine($"{report.TornLines} lines of the ledger were cut by an earlier end of the program; what they held was asked for again.");
        if (!report.IsComplete)
            output.WriteLine("The budget ended before all was asked for; run the command again with a larger one to go on.");
        else if (report.Counts.Failed > 0)
            output.WriteLine($"{report.Counts.Failed} requests failed for good in this run; run the command again to ask them again.");
        SayJudge(verifier, output);
        var c = report.Counts;
        output.WriteLine(FormattableString.Invariant(
            $"result: problems={c.Problems} solved={report.Solved} asked={c.Asked} reused={c.Reused} failed={c.Failed} right={c.Right} kept={c.Kept} input_tokens={c.InputTokens} output_tokens={c.OutputTokens} cost={c.Cost:0.####} complete={(report.IsComplete && c.Failed == 0 ? "true" : "false")} out={report.TrainingFile}"));
    }

    /// <summary>Asks for the first problems, and then derives the data from all replies that are there, which asks for nothing and counts them.</summary>
    private static async Task EstimateAsync(HarvestSettings settings, IAnsiConsole console, CancellationToken cancellationToken)
    {
        using var teacher = settings.Teacher.Connect(retries: 0);
        using var judge = settings.Judge?.Connect(JudgeRetries);
        var (problems, verifier) = await PrepareAsync(settings, judge, console, cancellationToken);
        var first = await AskAsync(
            teacher, settings.Options, problems.First(HarvestEstimate.Problems, cancellationToken), Math.Min(HarvestEstimate.Problems, problems.Count), verifier, console, cancellationToken);
        var nothing = settings.Options with { Budget = new HarvestBudget { Requests = 0 } };
        var all = await new ReasoningHarvester(teacher, nothing).RunAsync(problems.All(cancellationToken), verifier, cancellationToken: cancellationToken);
        var estimate = HarvestEstimate.Of(first, all.Counts, settings.Options);
        estimate.Show(console, settings.Options, first.Counts);
        SayJudge(verifier, console.Profile.Out.Writer);
        console.Profile.Out.Writer.WriteLine(FormattableString.Invariant(
            $"estimate: problems={all.Counts.Problems} asked={first.Counts.Asked} replies={estimate.Rest.Requests} input_tokens={estimate.Rest.InputTokens} output_tokens={estimate.Rest.OutputTokens} cost={estimate.Rest.Cost(settings.Options.Prices):0.####}"));
    }

    private static async Task<(ProblemFile Problems, IReplyVerifier? Verifier)> PrepareAsync(
        HarvestSettings settings, IChatClient? judge, IAnsiConsole console, CancellationToken cancellationToken)
    {
        settings.Options.Validate();
        var problems = await ProblemFile.ReadAsync(settings.Problems, settings.Limit, cancellationToken);
        var verifier = ReplyChecks.Create(settings.Verifier, problems, settings.Options.Samples, judge);
        console.Profile.Out.Writer.WriteLine(
            $"{problems.Count} problems, {problems.Answered} with an expected answer. Right is: {verifier?.Description ?? "every complete reply, unverified"}.");
        return (problems, verifier);
    }

    private static void SayJudge(IReplyVerifier? verifier, TextWriter output)
    {
        if (verifier is JudgeVerifier judge)
            output.WriteLine($"The judge has used {judge.InputTokens} tokens of requests and {judge.OutputTokens} of replies in this run, which no budget, cost or estimate counts.");
    }

    private static async Task<HarvestReport> AskAsync(
        IChatClient teacher,
        HarvestOptions options,
        IAsyncEnumerable<HarvestProblem> problems,
        int count,
        IReplyVerifier? verifier,
        IAnsiConsole console,
        CancellationToken cancellationToken)
    {
        var counts = new LiveCounts(console, count, options.Prices);
        return await counts.FollowAsync(Task.Run(() => new ReasoningHarvester(teacher, options).RunAsync(problems, verifier, counts, cancellationToken), cancellationToken));
    }
}
