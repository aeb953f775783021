using System.Xml.Linq;
using static MiniMind.Training.Markup;

namespace MiniMind.Training;

/// <summary>What the last evaluation measured, with examples.</summary>
internal sealed class EvaluationSection(EvaluationLog log, ReasoningEvaluation? before, ReasoningEvaluation? last, long lastStep, int examples)
{
    public XElement Create() => Element(
        "section",
        Attribute("id", "evaluation"),
        Element("h2", "Evaluation"),
        last is null ? Classed("p", "note", "No evaluation of replies is known to the report (RunReportOptions.Evaluation).") : FiguresTable(last),
        last is { Categories.Count: > 0 } ? Categories(last) : null,
        last is null || examples == 0 ? null : new[] { Replies(last, isRight: true), Replies(last, isRight: false) },
        History());

    private XElement FiguresTable(ReasoningEvaluation after)
    {
        string[] header = ["Figure", $"After step {Figures.Count(lastStep)}"];
        if (before is not null)
            header = [.. header, "Before training"];
        IReadOnlyList<object?> Row(string name, Func<ReasoningEvaluation, string?> of) =>
            before is null ? [name, of(after)] : [name, of(after), of(before) ?? "not measured"];
        List<IReadOnlyList<object?>> rows =
        [
            Row("Accuracy (95 % interval)", e => $"{Figures.Percent(e.Accuracy)} ({Figures.Range(e.AccuracyInterval)})"),
            Row("Format kept (95 % interval)", e => $"{Figures.Percent(e.FormatCompliance)} ({Figures.Range(e.FormatInterval)})"),
            Row("Replies cut off", e => Figures.Percent(e.TruncatedShare)),
            Row("Problems", e => Figures.Count(e.Problems)),
            Row("Replies to each", e => Figures.Count(e.Samples)),
        ];
        foreach (var k in after.PassAt.Keys.Where(k => k > 1))
            rows.Add(Row($"pass@{Figures.Count(k)}", e => e.PassAt.TryGetValue(k, out var share) ? Figures.Percent(share) : null));
        if (after.Samples > 1)
            rows.Add(Row("Most frequent answer right (maj@k)", e => Figures.Percent(e.MajorityAccuracy)));
        rows.Add(Row("Tokens of a reply, mean", e => Figures.Number(e.MeanReplyTokens)));
        rows.Add(Row("Tokens of its reasoning, mean", e => Figures.Number(e.MeanReasoningTokens)));
        if (after.HeldOutLoss is not null)
            rows.Add(Row(
                "Held-out loss, nats per token (perplexity)",
                e => e.HeldOutLoss is { } loss ? $"{Figures.Number(loss)} ({Figures.Number(Math.Exp(loss))})" : null));
        rows.Add(Row("Time it took, seconds", e => Figures.Number(e.Seconds)));
        return Table("How well the student reasons on held-out problems", header, rows);
    }

    private static XElement Categories(ReasoningEvaluation evaluation) => Table(
        "Accuracy by category",
        ["Category", "Problems", "Accuracy", "95 % interval"],
        evaluation.Categories.Select(c =>
            new object?[] { c.Name ?? "none", Figures.Count(c.Problems), Figures.Percent(c.Accuracy), Figures.Range(c.AccuracyInterval) }));

    private XElement Replies(ReasoningEvaluation evaluation, bool isRight)
    {
        var replies = evaluation.Replies.Where(r => r.IsRight == isRight).DistinctBy(r => r.ProblemIndex).ToList();
        var kind = isRight ? "right" : "wrong";
        return Classed(
            "div",
            "replies",
            Element("h3", isRight ? "Right replies" : "Wrong replies"),
            Classed("p", "note", replies.Count == 0
                ? $"No reply is {kind}."
                : replies.Count <= examples ? $"One {kind} reply to each problem that has one."
                : $"To the first {Figures.Count(examples)} of {Figures.Count(replies.Count)} problems with a {kind} reply, in the problems' order, "
                    + "not picked."),
            replies.Take(examples).Select(ReplyCard.Create));
    }

    private XElement? History()
    {
        if (log.Points.Count == 0)
            return null;
        string Cell(EvaluationPoint point, string name) => point.Metrics.TryGetValue(name, out var value) ? Figures.Number(value) : string.Empty;
        var caption = log.KeptOfMany == 1 ? "Every evaluation of the run" : $"One of {Figures.Count(log.KeptOfMany)} evaluations of the run, and the last";
        return Table(
            caption,
            ["Step", .. log.Names],
            log.Points.Select(p => (object?[])[Figures.Count(p.Step), .. log.Names.Select(n => Cell(p, n))]),
            isLong: true);
    }
}
