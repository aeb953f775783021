using System.Globalization;
using ScottPlot;

namespace MiniMind.Samples.ProveReasoning;

/// <summary>The table and the picture.</summary>
internal static class Report
{
    /// <summary>A Markdown table: mean over the seeds ± half of the range from smallest to largest.</summary>
    public static string Table(IEnumerable<(Variant Variant, List<Outcome> Outcomes)> results)
    {
        var lines = new List<string>
        {
            "| student | accuracy | format | held-out loss | tokens trained | seconds |",
            "|---|---|---|---|---|---|",
        };
        foreach (var (variant, outcomes) in results)
            lines.Add($"| {variant.Name} | {Percent(outcomes, o => o.Evaluation.Accuracy)} | {Percent(outcomes, o => o.Evaluation.FormatCompliance)} | " +
                $"{Figure(outcomes, o => o.Evaluation.HeldOutLoss!.Value, "F3")} | {Figure(outcomes, o => o.Tokens, "N0")} | {Figure(outcomes, o => o.Seconds, "F0")} |");
        return string.Join('\n', lines);
    }

    public static void Draw(IEnumerable<(Variant Variant, List<Outcome> Outcomes)> results, string path)
    {
        using var plot = new Plot();
        foreach (var (variant, outcomes) in results)
        {
            var color = plot.Add.Palette.GetColor(plot.GetPlottables().Count());
            for (var i = 0; i < outcomes.Count; i++)
            {
                var line = plot.Add.ScatterLine(
                    outcomes[i].Curve.Select(p => p.Step).ToArray(), outcomes[i].Curve.Select(p => 100 * p.Accuracy).ToArray(), color);
                line.LineWidth = 2;
                if (i == 0)
                    line.LegendText = variant.Name;
            }
        }

        plot.Title("Accuracy on held-out problems");
        plot.XLabel("step");
        plot.YLabel("%");
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(0, 102);
        plot.ShowLegend(Alignment.UpperLeft);
        plot.SavePng(path, 1000, 560);
    }

    private static string Percent(List<Outcome> outcomes, Func<Outcome, double> value) => Figure(outcomes, o => 100 * value(o), "F1") + " %";

    private static string Figure(List<Outcome> outcomes, Func<Outcome, double> value, string format)
    {
        var values = outcomes.Select(value).ToList();
        var mean = values.Average().ToString(format, CultureInfo.InvariantCulture);
        return values.Count == 1 ? mean : $"{mean} ± {((values.Max() - values.Min()) / 2).ToString(format, CultureInfo.InvariantCulture)}";
    }
}
