using System.Globalization;
using System.Text;
using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>Evaluations of several models on the same problems, side by side.</summary>
public sealed class EvaluationTable
{
    private static readonly string[] Head = ["", "accuracy", "95 % interval", "format", "reasoning tokens", "reply tokens", "price of 1,000 replies"];

    private readonly List<Row> _rows = [];

    /// <summary>Adds a model.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="evaluation">Its evaluation.</param>
    /// <param name="prices">What its tokens cost; none (default) where nobody knows or nothing is paid.</param>
    /// <returns>The table.</returns>
    public EvaluationTable Add(string name, ReasoningEvaluation evaluation, TokenPrices? prices = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(evaluation);
        _rows.Add(new Row(name, evaluation, prices));
        return this;
    }

    /// <summary>How the last model added does against the first, in a sentence such as "the student reaches 71 % of its teacher at 1/1000 of the tokens' price".</summary>
    /// <returns>The sentence; empty with fewer than two models.</returns>
    public string Compare()
    {
        if (_rows.Count < 2)
            return string.Empty;
        var (first, last) = (_rows[0], _rows[^1]);
        var text = new StringBuilder($"{last.Name} reaches ");
        text.Append(first.Evaluation.Accuracy > 0
            ? $"{Percent(last.Evaluation.Accuracy / first.Evaluation.Accuracy)} of {first.Name}'s accuracy"
            : $"{Percent(last.Evaluation.Accuracy)}, where {first.Name} has none right,");
        if (first.Evaluation.MeanReplyTokens > 0)
            text.Append(CultureInfo.InvariantCulture, $" with {last.Evaluation.MeanReplyTokens / first.Evaluation.MeanReplyTokens:0.00} times the tokens");
        if (first.Price is > 0 && last.Price is > 0)
            text.Append(CultureInfo.InvariantCulture, $" at 1/{first.Price / last.Price:0.#} of their price");
        return text.Append('.').ToString();
    }

    /// <summary>The table as plain text.</summary>
    /// <returns>One line for each model, below a line of headings.</returns>
    public override string ToString()
    {
        string[][] lines = [Head, .. _rows.Select(Cells)];
        var widths = Enumerable.Range(0, Head.Length).Select(c => lines.Max(l => l[c].Length)).ToList();
        return string.Concat(lines.Select(line => string.Join("  ", line.Select((cell, c) => c == 0 ? cell.PadRight(widths[c]) : cell.PadLeft(widths[c]))).TrimEnd() + "\n"));
    }

    /// <summary>The table in Markdown.</summary>
    /// <returns>A table with one row for each model.</returns>
    public string ToMarkdown() => string.Concat(
        ((IEnumerable<string[]>)[Head, [.. Head.Select(_ => "---")], .. _rows.Select(Cells)])
        .Select(cells => $"| {string.Join(" | ", cells.Select(c => c.Replace("|", "\\|", StringComparison.Ordinal)))} |\n"));

    private static string[] Cells(Row row) =>
    [
        row.Name,
        Percent(row.Evaluation.Accuracy),
        $"{Percent(row.Evaluation.AccuracyInterval.Low)} to {Percent(row.Evaluation.AccuracyInterval.High)}",
        Percent(row.Evaluation.FormatCompliance),
        row.Evaluation.MeanReasoningTokens.ToString("0.#", CultureInfo.InvariantCulture),
        row.Evaluation.MeanReplyTokens.ToString("0.#", CultureInfo.InvariantCulture),
        row.Price is { } price ? $"{(1000 * price).ToString("0.####", CultureInfo.InvariantCulture)} {row.Prices!.Currency}" : "-",
    ];

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private sealed record Row(string Name, ReasoningEvaluation Evaluation, TokenPrices? Prices)
    {
        /// <summary>Of one reply's tokens.</summary>
        public decimal? Price => Prices is null ? null : (decimal)Evaluation.MeanReplyTokens * Prices.OutputPerMillion / 1_000_000m;
    }
}
