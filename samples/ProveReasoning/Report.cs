using System.Globalization;
using ScottPlot;

namespace MiniMind.Samples.ProveReasoning;

/// <summary>The table and the picture.</summary>
internal static class Report
{
    private const int Width = 1000;
    private const int Height = 560;

    /// <summary>A Markdown table: mean over the seeds ± half of the range from smallest to largest.</summary>
    public static string Table(IEnumerable<(Variant Variant, Outcome[] Outcomes)> results)
    {
        var lines = new List<string>
        {
            "| student | accuracy | format | held-out loss a token | tokens trained on | seconds |",
            "|---|---|---|---|---|---|",
        };
        foreach (var (variant, outcomes) in results)
            lines.Add($"| {variant.Name} | {Percent(outcomes, o => o.Evaluation.Accuracy)} | {Percent(outcomes, o => o.Evaluation.FormatCompliance)} | " +
                $"{Figure(outcomes, o => o.Evaluation.HeldOutLoss!.Value, "F3")} | {Figure(outcomes, o => o.Tokens, "N0")} | {Figure(outcomes, o => o.Seconds, "F0")} |");
        return string.Join('\n', lines) + '\n';
    }

    public static void Draw(IEnumerable<(Variant Variant, Outcome[] Outcomes)> results, string path)
    {
        using var plot = new Plot();
        foreach (var (number, (variant, outcomes)) in results.Index())
        {
            var color = plot.Add.Palette.GetColor(number);
            foreach (var (seed, outcome) in outcomes.Index())
            {
                var line = plot.Add.ScatterLine(
                    outcome.Curve.Select(p => p.Step).ToArray(), outcome.Curve.Select(p => 100 * p.Accuracy).ToArray(), color);
                line.LineWidth = 2;
                if (seed == 0)
                    line.LegendText = variant.Name;
            }
        }

        plot.Title("Held-out problems answered rightly");
        plot.XLabel("step");
        plot.YLabel("%");
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(0, 102);
        plot.ShowLegend(Alignment.UpperLeft);
        plot.SavePng(path, Width, Height);
    }

    private static string Percent(Outcome[] outcomes, Func<Outcome, double> value) => Figure(outcomes, o => 100 * value(o), "F1") + " %";

    private static string Figure(Outcome[] outcomes, Func<Outcome, double> value, string format)
    {
        double[] values = [.. outcomes.Select(value)];
        var mean = values.Average().ToString(format, CultureInfo.InvariantCulture);
        var spread = (values.Max() - values.Min()) / 2;
        return values.Length == 1 || spread == 0 ? mean : $"{mean} ± {spread.ToString(format, CultureInfo.InvariantCulture)}";
    }
}
