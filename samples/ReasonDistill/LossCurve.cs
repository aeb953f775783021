using System.Globalization;
using MiniMind.Training;
using ScottPlot;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>Draws a metrics file: training loss, held-out loss, and accuracy with format, each in a panel of its own. The training loss weighs tags and the
/// held-out loss does not, so that on one axis they would be compared for nothing.</summary>
internal static class LossCurve
{
    private const int Width = 1000;
    private const int PanelHeight = 340;
    private const float TextSize = 15;
    private const double Decay = 0.95;
    private const double FarApart = 20;

    /// <summary>Draws the file twice, for light and for dark pages; nothing if it holds no loss.</summary>
    /// <param name="metricsPath">What <see cref="JsonlMetrics"/> wrote.</param>
    /// <param name="before">The student before training, drawn at step 0; none for no such marker.</param>
    /// <param name="lightPath">The picture for light pages.</param>
    /// <param name="darkPath">The picture for dark pages.</param>
    public static void Draw(string metricsPath, ReasoningEvaluation? before, string lightPath, string darkPath)
    {
        var metrics = RunMetrics.Read(metricsPath);
        if (metrics.Of("loss") is not { Count: > 0 } losses)
            return;
        foreach (var (colors, path) in new[] { (PictureColors.Light, lightPath), (PictureColors.Dark, darkPath) })
        {
            List<Action<Plot>> panels = [plot => TrainingLoss(plot, losses, colors)];
            if (WithStart(metrics.Of(HeldOutLoss.MetricName), before?.HeldOutLoss) is { Count: > 0 } heldOut)
                panels.Add(plot => HeldOut(plot, heldOut, colors));
            if (WithStart(metrics.Of(EvaluateReasoning.AccuracyMetric), before?.Accuracy) is { Count: > 0 } accuracy)
                panels.Add(plot => Shares(plot, accuracy, WithStart(metrics.Of("format"), before?.FormatCompliance), colors));
            Save(panels, losses[^1].Step, colors, path);
        }
    }

    private static void Save(List<Action<Plot>> panels, double lastStep, PictureColors colors, string path)
    {
        var picture = new Multiplot();
        picture.AddPlots(panels.Count);
        picture.Layout = new ScottPlot.MultiplotLayouts.Rows();
        foreach (var (i, draw) in panels.Index())
        {
            var plot = picture.GetPlot(i);
            colors.Apply(plot);
            draw(plot);
            // One width for all, so that a step is at one place in every panel.
            plot.Axes.Left.MinimumSize = plot.Axes.Left.MaximumSize = 90;
            plot.Axes.Right.MinimumSize = plot.Axes.Right.MaximumSize = 30;
            plot.Axes.SetLimitsX(-0.01 * lastStep, 1.01 * lastStep);
            plot.XLabel("step (micro-batch)");
            foreach (var axis in new IAxis[] { plot.Axes.Left, plot.Axes.Bottom })
                (axis.Label.FontSize, axis.TickLabelStyle.FontSize, axis.Label.Bold) = (TextSize, TextSize, false);
            plot.Axes.Title.Label.FontSize = TextSize + 2;
            plot.Legend.FontSize = TextSize;
        }

        picture.SavePng(path, Width, PanelHeight * panels.Count);
    }

    private static void TrainingLoss(Plot plot, List<(double Step, double Value)> losses, PictureColors colors)
    {
        var drawn = losses.Where(p => p.Value > 0).ToList();
        var mean = new ExponentialMean(Decay);
        var (steps, means) = (drawn.Select(p => p.Step).ToArray(), drawn.Select(p => Math.Log10(mean.Add(p.Value))).ToArray());
        var dots = plot.Add.ScatterPoints(steps, drawn.Select(p => Math.Log10(p.Value)).ToArray());
        (dots.MarkerSize, dots.Color, dots.LegendText) = (4, new Color(colors.Steps).WithAlpha(0.4), "a step");
        var line = plot.Add.ScatterLine(steps, means);
        (line.LineWidth, line.Color, line.LegendText) = (2.5f, new Color(colors.Mean), Text($"exponential mean of the losses, bias corrected (decay {Decay})"));
        plot.Title(Text($"Reasoning distillation, {losses.Count} steps: training loss, tags weighted"));
        plot.YLabel("nats, logarithmic axis");
        LogarithmicAxis(plot, drawn.Min(p => p.Value), drawn.Max(p => p.Value));
        plot.ShowLegend(Alignment.UpperRight);
    }

    private static void HeldOut(Plot plot, List<(double Step, double Value)> values, PictureColors colors)
    {
        var (low, high) = (values.Min(v => v.Value), values.Max(v => v.Value));
        // Where the values lie far apart, the small ones could not be told from each other.
        var isLogarithmic = low > 0 && high > FarApart * low;
        Markers(plot, isLogarithmic ? [.. values.Select(v => (v.Step, Math.Log10(v.Value)))] : values, colors.HeldOut, MarkerShape.FilledCircle);
        plot.Title("Held-out loss, every token weighing the same (not comparable with the training loss)");
        plot.YLabel(isLogarithmic ? "nats per token, logarithmic axis" : "nats per token");
        if (isLogarithmic)
            LogarithmicAxis(plot, low, high);
        else
            plot.Axes.SetLimitsY(0, 1.1 * high);
    }

    private static void Shares(Plot plot, List<(double Step, double Value)> accuracy, List<(double Step, double Value)> format, PictureColors colors)
    {
        if (format.Count > 0)
            Markers(plot, [.. format.Select(v => (v.Step, 100 * v.Value))], colors.Format, MarkerShape.FilledSquare, "format kept");
        Markers(plot, [.. accuracy.Select(v => (v.Step, 100 * v.Value))], colors.Accuracy, MarkerShape.FilledCircle, "accuracy");
        plot.Title("Replies to held-out problems");
        plot.YLabel("% of replies");
        double[] marks = [0, 20, 40, 60, 80, 100];
        plot.Axes.Left.SetTicks(marks, [.. marks.Select(m => Text($"{m}"))]);
        // Room above 100 % for the legend, which would cover a marker elsewhere.
        plot.Axes.SetLimitsY(-4, 126);
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.ShowLegend(Alignment.UpperRight);
    }

    private static void Markers(Plot plot, List<(double Step, double Value)> values, string color, MarkerShape shape, string? text = null)
    {
        var line = plot.Add.Scatter(values.Select(v => v.Step).ToArray(), values.Select(v => v.Value).ToArray(), new Color(color));
        (line.MarkerShape, line.MarkerSize, line.LineWidth) = (shape, 11, 2);
        if (text is not null)
            line.LegendText = text;
    }

    /// <summary>The values are logarithms; marks at 1, 2 and 5 times powers of ten say what they are of.</summary>
    private static void LogarithmicAxis(Plot plot, double low, double high)
    {
        var marks = Enumerable.Range((int)Math.Floor(Math.Log10(low)) - 1, (int)Math.Ceiling(Math.Log10(high / low)) + 4)
            .SelectMany(_ => new[] { 1, 2, 5 }, (power, factor) => factor * Math.Pow(10, power))
            .ToList();
        var (first, last) = (marks.FindLastIndex(m => m <= low), marks.FindIndex(m => m >= high));
        var shown = marks[first..(Math.Max(last, first + 1) + 1)];
        plot.Axes.Left.SetTicks(shown.Select(Math.Log10).ToArray(), shown.Select(m => Text($"{m:0.######}")).ToArray());
        // A little more, so that a marker at an end is not cut.
        var rim = 0.03 * Math.Log10(shown[^1] / shown[0]);
        plot.Axes.SetLimitsY(Math.Log10(shown[0]) - rim, Math.Log10(shown[^1]) + rim);
    }

    private static List<(double Step, double Value)> WithStart(List<(double Step, double Value)> values, double? start) =>
        start is { } value ? [(0, value), .. values] : values;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
