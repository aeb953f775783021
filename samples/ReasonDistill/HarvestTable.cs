using System.Globalization;
using MiniMind.Extensions.AI;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>Shows a harvest while it runs: what was asked, what is right, what was rejected and why, tokens and cost.</summary>
internal sealed class HarvestTable(string currency, int problems, Action<IRenderable>? show) : IProgress<HarvestProgress>
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private TimeSpan _shown;

    /// <summary>Runs a harvest with a table, or, where the output goes into a file, with a line now and then.</summary>
    public static async Task<HarvestReport> ShowAsync(string currency, int problems, Func<IProgress<HarvestProgress>, Task<HarvestReport>> harvest)
    {
        HarvestReport report;
        if (Console.IsOutputRedirected)
            report = await harvest(new HarvestTable(currency, problems, show: null));
        else
            report = await AnsiConsole.Live(new Table()).AutoClear(true).StartAsync(live => harvest(new HarvestTable(currency, problems, live.UpdateTarget)));
        AnsiConsole.Write(Table(report.Counts, currency, problems));
        return report;
    }

    public void Report(HarvestProgress value)
    {
        lock (_lock)
        {
            if (value.Elapsed - _shown < (show is null ? Seldom : Often))
                return;
            _shown = value.Elapsed;
            if (show is not null)
                show(Table(value, currency, problems));
            else
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"teacher: {value.Problems} of {problems} problems, {value.Asked + value.Reused} replies, {value.Kept} kept, {value.Rejections.Values.Sum()} rejected, {value.Cost:F4} {currency}"));
        }
    }

    private static Table Table(HarvestProgress p, string currency, int problems)
    {
        var table = new Table().Title("Teacher").AddColumns("", "");
        table.HideHeaders();
        void Row(string name, FormattableString value) => table.AddRow(name, Markup.Escape(value.ToString(CultureInfo.InvariantCulture)));
        Row("problems", $"{p.Problems} of {problems}");
        Row("asked", $"{p.Asked} ({p.Reused} more from the ledger)");
        Row("right, kept", $"{p.Kept}");
        foreach (var (cause, count) in p.Rejections)
            Row($"rejected: {Markup.Escape(cause)}", $"{count}");
        Row("tokens", $"{p.InputTokens} of questions, {p.OutputTokens} of replies ({p.ReasoningTokens} of reasoning)");
        Row("cost", $"{p.Cost:F4} {currency}");
        Row("seconds", $"{p.Elapsed.TotalSeconds:F1}");
        return table;
    }
}
