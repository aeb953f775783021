using System.Globalization;
using MiniMind.Extensions.AI;
using Spectre.Console;

namespace MiniMind.Samples.Harvest;

/// <summary>What the rest of a harvest will use, if its replies are like the first ones.</summary>
/// <param name="Basis">Replies it is computed from.</param>
/// <param name="SoFar">What the replies in the ledger have used.</param>
/// <param name="Rest">What is still to be asked for.</param>
internal sealed record HarvestEstimate(int Basis, HarvestEstimate.Use SoFar, HarvestEstimate.Use Rest)
{
    /// <summary>Problems that are asked to estimate the others.</summary>
    public const int Problems = 20;

    /// <param name="report">The harvest of the first problems.</param>
    /// <param name="all">The harvest of all problems that asked for nothing.</param>
    /// <param name="options">Its settings.</param>
    /// <exception cref="ArgumentException">The replies, or what they used, are not known.</exception>
    public static HarvestEstimate Of(HarvestReport report, HarvestProgress all, HarvestOptions options)
    {
        var first = report.Counts;
        var replies = first.Asked + first.Reused;
        var (input, output) = (first.InputTokens + first.ReusedInputTokens, first.OutputTokens + first.ReusedOutputTokens);
        if (replies == 0)
            throw new ArgumentException("no reply came, from which the rest could be estimated; expected a teacher that replies, and a budget that allows it");
        if (input + output == 0)
            throw new ArgumentException("the teacher does not say how many tokens its replies use; expected usage in its replies, without which nothing can be estimated");
        // How soon enough replies are right is known of problems whose replies have all come.
        var each = options.StopAfterRight is not null && report.IsComplete && first.Failed == 0 ? (double)replies / first.Problems : options.Samples;
        var requests = Math.Max(0, (each * all.Problems) - all.Reused);
        return new HarvestEstimate(
            replies,
            new Use(all.Reused, all.ReusedInputTokens, all.ReusedOutputTokens),
            new Use((long)Math.Round(requests), (long)Math.Round(requests * input / replies), (long)Math.Round(requests * output / replies)));
    }

    public void Show(IAnsiConsole console, HarvestOptions options, HarvestProgress first)
    {
        var whole = new Use(SoFar.Requests + Rest.Requests, SoFar.InputTokens + Rest.InputTokens, SoFar.OutputTokens + Rest.OutputTokens);
        var table = new Table().Border(TableBorder.Rounded).AddColumns(string.Empty, "so far", "the rest, about", "all, about");
        void Row(string name, Func<Use, string> value) => table.AddRow(new Text(name), new Text(value(SoFar)), new Text(value(Rest)), new Text(value(whole)));
        Row("replies", u => u.Requests.ToString("N0", CultureInfo.InvariantCulture));
        Row("tokens of requests", u => u.InputTokens.ToString("N0", CultureInfo.InvariantCulture));
        Row("tokens of replies", u => u.OutputTokens.ToString("N0", CultureInfo.InvariantCulture));
        var isPriced = options.Prices is not { InputPerMillion: 0, OutputPerMillion: 0 };
        if (isPriced)
            Row($"cost, {options.Prices.Currency}", u => u.Cost(options.Prices).ToString("0.00##", CultureInfo.InvariantCulture));
        foreach (var column in table.Columns.Skip(1))
            column.Alignment = Justify.Right;
        console.Write(table);
        var output = console.Profile.Out.Writer;
        output.WriteLine($"Estimated from the first {Basis} replies, which are kept and not asked for again. A file that is sorted by length or difficulty misleads.");
        if (first.Asked > 0 && Rest.Requests > 0)
            output.WriteLine($"The rest takes about {Time(options, first).ToString("d\\.hh\\:mm\\:ss", CultureInfo.InvariantCulture)} (days.hours:minutes:seconds) at the pace of these replies.");
        if (!isPriced)
            output.WriteLine("No prices were given (--price-input, --price-output): the cost is not known.");
        if (whole.Requests > options.Budget.Requests || whole.InputTokens + whole.OutputTokens > options.Budget.Tokens || whole.Cost(options.Prices) > options.Budget.Money)
            output.WriteLine("The budget will end before all is asked for.");
    }

    /// <summary>At the pace of the first replies, and no faster than the limits allow, which the first ones may not have reached.</summary>
    private TimeSpan Time(HarvestOptions options, HarvestProgress first)
    {
        var minutes = Rest.Requests * first.Elapsed.TotalMinutes / first.Asked;
        minutes = Math.Max(minutes, (double)Rest.Requests / (options.RequestsPerMinute ?? double.PositiveInfinity));
        return TimeSpan.FromMinutes(Math.Max(minutes, (Rest.InputTokens + Rest.OutputTokens) / (options.TokensPerMinute ?? double.PositiveInfinity)));
    }

    /// <summary>Replies, and the tokens they use.</summary>
    public sealed record Use(long Requests, long InputTokens, long OutputTokens)
    {
        public decimal Cost(TokenPrices prices) => prices.CostOf(InputTokens, OutputTokens);
    }
}
