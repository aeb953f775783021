using System.Xml.Linq;
using static MiniMind.Training.Markup;

namespace MiniMind.Training;

/// <summary>The curves of a run.</summary>
internal sealed class CurveSection(RunCurves curves, Axis steps, RunFacts facts)
{
    private const string StepLabel = "step (micro-batch)";

    public XElement Create() => Element(
        "section",
        Attribute("id", "curves"),
        Element("h2", "Curves"),
        Classed("div", "columns", Loss(), HeldOutLoss(), Shares(), LearningRate(), GradientNorm(), Throughput()));

    private XElement Loss()
    {
        const string title = "Training loss";
        if (curves.Loss.Points.Count == 0)
            return Missing(title, "No step has reported a loss yet.");
        return WithMean(title, "nats", Axis.Logarithmic(Ends(curves.Loss)), curves.Loss, "a step's loss").ToFigure(
            facts.HasTagWeights
                ? "What is minimised: cross-entropy in nats in which reasoning tags weigh more, divided by the number of supervised tokens. "
                    + "It cannot be compared with the held-out loss, which weighs every token alike."
                : "What is minimised, of each micro-batch, with the loss's own weights and any auxiliary loss. It cannot be compared with the held-out loss.",
            "The mean is of losses, not of their logarithms, so it tends to lie above the middle of the dots.",
            Thinning(curves.Loss));
    }

    private XElement HeldOutLoss()
    {
        const string title = "Held-out loss";
        var values = curves.Evaluations.Of(MiniMind.Training.HeldOutLoss.MetricName);
        if (values.Count == 0)
            return Missing(title, "It has not been measured: add HeldOutLoss, or EvaluateReasoning with held-out examples.");
        var axis = Axis.ForMeasured([.. values.Select(v => v.Value)]);
        var frame = new ChartFrame(steps, axis, StepLabel, "nats per token" + axis.Kind);
        var markers = values.Select(v => new ChartMarker(v.Point.Step, v.Value, null, $"{Step(v.Point)}: {Figures.Number(v.Value)} nats"));
        return new Chart(title, frame).Markers([.. markers], "s-b", "an evaluation").ToFigure(
            "Mean cross-entropy of the supervised tokens of examples that are not trained on, every token weighing the same.", Thinning(curves.Evaluations));
    }

    private XElement Shares()
    {
        const string title = "Accuracy and format";
        var (accuracy, format) = (curves.Evaluations.Of(EvaluateReasoning.AccuracyMetric), curves.Evaluations.Of(EvaluateReasoning.FormatMetric));
        if (accuracy.Count == 0 && format.Count == 0)
            return Missing(title, "They have not been measured: add EvaluateReasoning.");
        var chart = new Chart(title, new ChartFrame(steps, Axis.Shares(), StepLabel, "share of replies"));
        if (accuracy.Count > 0)
            chart.Markers([.. accuracy.Select(v => Marker(v.Point, "right", v.Value, v.Point.Accuracy))], "s-c", "accuracy: the answer is right");
        if (format.Count > 0)
            chart.Markers(
                [.. format.Select(v => Marker(v.Point, "format kept", v.Value, v.Point.Format))],
                "s-d",
                "format: the tags are where they belong",
                isSquare: true);
        return chart.ToFigure(
            "Of replies to held-out problems. Upright lines are Wilson's intervals at 95 %, where they are known.", Thinning(curves.Evaluations));
    }

    private XElement LearningRate()
    {
        var points = curves.LearningRate.Points;
        if (points.Count == 0)
            return Missing("Learning rate", "No step is done yet.");
        var frame = new ChartFrame(steps, Axis.Linear([0, .. points.Select(p => p.High)]), StepLabel, "rate");
        return new Chart("Learning rate", frame)
            .Line(points.Select(p => ((double)p.Step, p.Mean)), "s-a", "rate of a step")
            .ToFigure(
                "As the schedule gave it for each step.",
                curves.LearningRate.ValuesOfPoint == 1 ? null : $"Thinned: one of {Figures.Count(curves.LearningRate.ValuesOfPoint)} steps is drawn.");
    }

    private XElement GradientNorm()
    {
        const string title = "Gradient norm";
        if (curves.GradientNorm.Points.Count == 0)
            return Missing(title, "No step has reported one yet.");
        var clip = facts.GradientClip;
        var axis = Axis.Logarithmic(clip > 0 ? [.. Ends(curves.GradientNorm), clip] : Ends(curves.GradientNorm));
        var chart = WithMean(title, "L2 norm", axis, curves.GradientNorm, "an optimizer step's norm");
        if (clip > 0)
            chart.Rule(clip, "s-d", $"clipped to {Figures.Number(clip)} above this line");
        return chart.ToFigure("Of all weights together, before clipping.", Thinning(curves.GradientNorm));
    }

    private XElement Throughput()
    {
        const string title = "Tokens per second";
        if (curves.TokensPerSecond.Points.Count == 0)
            return Missing(title, "No step is done yet.");
        var mean = curves.Last!.TokensPerSecond;
        return WithMean(title, "tokens per second", Axis.Linear([0, .. Ends(curves.TokensPerSecond)]), curves.TokensPerSecond, "a step")
            .Rule(mean, "s-d", $"mean of the run: {Figures.Number(mean)}")
            .ToFigure(
                "Tokens trained on, padding left out, by the time spent in steps; evaluations and other callbacks are not counted.",
                Thinning(curves.TokensPerSecond));
    }

    private Chart WithMean(string title, string label, Axis vertical, Curve curve, string key) =>
        new Chart(title, new ChartFrame(steps, vertical, StepLabel, label + vertical.Kind))
            .Dots(curve.Points, "s-a", key)
            .Line(curve.Points.Select(p => ((double)p.Step, p.Mean)), "s-b", $"exponential mean, bias corrected (decay {Figures.Number(facts.MeanDecay)})");

    private static ChartMarker Marker(EvaluationPoint point, string what, double value, ConfidenceInterval? interval) => new(
        point.Step, value, interval, $"{Step(point)}: {Figures.Percent(value)} {what}{(interval is { } range ? $" ({Figures.Range(range)})" : string.Empty)}");

    private static string Step(EvaluationPoint point) => point.Step == 0 ? "before training" : $"step {Figures.Count(point.Step)}";

    private static IReadOnlyList<double> Ends(Curve curve) => [curve.Points.Min(p => p.Low), curve.Points.Max(p => p.High)];

    private static XElement Missing(string title, string why) => Element("figure", Element("figcaption", Element("h3", title)), Classed("p", "note", why));

    /// <summary>Says what the drawing leaves out.</summary>
    private static string? Thinning(Curve curve)
    {
        var thinned = curve.ValuesOfPoint == 1 ? null
            : $"Thinned: a mark stands for {Figures.Count(curve.ValuesOfPoint)} values and reaches from their lowest to their highest; "
                + "the line was computed from every value.";
        var omitted = curve.Omitted == 0 ? null
            : $"{Figures.Count(curve.Omitted)} values that were not finite, or not above zero on a logarithmic axis, are not drawn.";
        return thinned is null && omitted is null ? null : string.Join(' ', new[] { thinned, omitted }.OfType<string>());
    }

    private static string? Thinning(EvaluationLog log) => log.KeptOfMany == 1 ? null
        : $"Thinned: one of {Figures.Count(log.KeptOfMany)} evaluations is drawn, and the last.";
}
