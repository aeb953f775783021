using System.Globalization;
using System.Text.Json;
using ScottPlot;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>Draws the losses of a metrics file.</summary>
internal static class LossCurve
{
    private const int Width = 1000;
    private const int Height = 560;

    public static void Draw(string metricsPath, string pngPath)
    {
        var steps = File.ReadLines(metricsPath).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        using var plot = new Plot();
        Add(plot, steps, "loss", "loss, tags weighted", lineWidth: 1, smoothed: false);
        Add(plot, steps, "loss", "loss, running mean", lineWidth: 2, smoothed: true);
        Add(plot, steps, "held_out_loss", "held-out loss a token", lineWidth: 2, smoothed: false);
        plot.Title(string.Create(CultureInfo.InvariantCulture, $"Reasoning distillation, {steps.Count(s => s.TryGetProperty("loss", out _))} steps"));
        plot.XLabel("step");
        plot.YLabel("loss (nats)");
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(0, plot.Axes.GetLimits().Top);
        plot.ShowLegend(Alignment.UpperRight);
        plot.SavePng(pngPath, Width, Height);
    }

    private static void Add(Plot plot, List<JsonElement> steps, string name, string label, float lineWidth, bool smoothed)
    {
        var points = steps.Where(s => s.TryGetProperty(name, out _))
            .Select(s => (Step: s.GetProperty("step").GetDouble(), Value: s.GetProperty(name).GetDouble()))
            .ToList();
        if (points.Count == 0)
            return;
        var values = points.Select(p => p.Value).ToArray();
        if (smoothed)
            for (var i = 1; i < values.Length; i++)
                values[i] = (0.95 * values[i - 1]) + (0.05 * values[i]);
        var line = plot.Add.ScatterLine(points.Select(p => p.Step).ToArray(), values);
        line.LineWidth = lineWidth;
        line.LegendText = label;
        if (!smoothed && name == "loss")
            line.Color = line.Color.WithAlpha(0.35);
    }
}
