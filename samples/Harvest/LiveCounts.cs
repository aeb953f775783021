using System.Diagnostics;
using System.Globalization;
using MiniMind.Extensions.AI;
using Spectre.Console;

namespace MiniMind.Samples.Harvest;

/// <summary>A table of a harvest's counts: live on a terminal; elsewhere a line now and then, and the table at the end.</summary>
internal sealed class LiveCounts(IAnsiConsole console, int problems, TokenPrices prices) : IProgress<HarvestProgress>
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(10);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private volatile HarvestProgress? _latest;

    public void Report(HarvestProgress value) => _latest = value;

    public async Task<HarvestReport> FollowAsync(Task<HarvestReport> run)
    {
        if (console.Profile.Out.IsTerminal)
            return await console.Live(Table()).StartAsync(async live =>
            {
                while (!run.IsCompleted)
                {
                    await Task.WhenAny(run, Task.Delay(Frame));
                    live.UpdateTarget(Table());
                    live.Refresh();
                }

                _latest = run.IsCompletedSuccessfully ? (await run).Counts : _latest;
                live.UpdateTarget(Table());
                return await run;
            });

        while (await Task.WhenAny(run, Task.Delay(LineEvery)) != run)
            if (_latest is { } now)
                console.Profile.Out.Writer.WriteLine(Invariant($"{now.Problems} of {problems} problems, {now.Asked} replies, {now.Right} right, {now.OutputTokens} tokens, {now.Failed} failed"));
        _latest = (await run).Counts;
        console.Write(Table());
        return await run;
    }

    private Table Table()
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumns(string.Empty, string.Empty);
        table.Columns[1].Alignment = Justify.Right;
        void Row(string name, string value) => table.AddRow(new Text(name), new Text(value));
        Row("time", _watch.Elapsed.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture));
        if (_latest is not { } now)
            return table;
        Row("problems", Invariant($"{now.Problems:N0} of {problems:N0}"));
        Row("replies asked for", Invariant($"{now.Asked:N0}"));
        Row("replies reused", Invariant($"{now.Reused:N0}"));
        Row("failed, for the next run", Invariant($"{now.Failed:N0}"));
        Row("right", Invariant($"{now.Right:N0}"));
        foreach (var (cause, count) in now.Rejections.OrderByDescending(r => r.Value))
            Row($"rejected: {cause}", Invariant($"{count:N0}"));
        Row("tokens of requests", Invariant($"{now.InputTokens:N0}"));
        Row("tokens of replies", Invariant($"{now.OutputTokens:N0}"));
        Row("of these, reasoning", Invariant($"{now.ReasoningTokens:N0}"));
        Row("cost", prices is { InputPerMillion: 0, OutputPerMillion: 0 } ? "no prices given" : Invariant($"{now.Cost:0.####} {prices.Currency}"));
        return table;
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
