using System.Xml.Linq;
using static MiniMind.Training.Markup;

namespace MiniMind.Training;

/// <summary>The data card.</summary>
internal static class DataSection
{
    public static XElement Create(DataCard? card) => Element(
        "section",
        Attribute("id", "data"),
        Element("h2", "Training data"),
        card is null
            ? [Classed("p", "note", "The report was given no dataset to measure (RunReportOptions.Dataset).")]
            : new[] { Classed("div", "columns", Histogram(card), Counts(card)), Skipped(card) });

    private static XElement Histogram(DataCard card)
    {
        var bars = card.Lengths.Counts.Select((count, i) => ((double)i * card.Lengths.Width, (double)(i + 1) * card.Lengths.Width, (double)count)).ToList();
        var frame = new ChartFrame(
            Axis.Steps(0, (long)Math.Max(bars[^1].Item2, card.MaxLength)), Axis.Linear([0, .. bars.Select(b => b.Item3)]), "length in tokens", "examples");
        return new Chart("Lengths of the examples", frame)
            .Bars(bars, "s-a")
            .Upright(card.MaxLength, "s-b", "longest allowed (SftDatasetOptions.MaxLength)")
            .ToFigure(card.Lengths.Width == 1
                ? "Each bar is one length."
                : $"Each bar takes in {Figures.Count(card.Lengths.Width)} lengths.");
    }

    private static XElement Counts(DataCard card)
    {
        var measured = card.Measured;
        var supervised = Figures.Percent(measured.SupervisedTokenCount / (double)measured.TokenCount);
        List<(string Name, string Value)> rows =
        [
            ("Examples", Figures.Count(card.Examples)),
            ("Tokens, padding left out", Figures.Count(measured.TokenCount)),
            ("Supervised tokens (learned)", $"{Figures.Count(measured.SupervisedTokenCount)} ({supervised})"),
            ("Length: shortest, median, longest", $"{Figures.Count(card.Shortest)}, {Figures.Count(card.Median)}, {Figures.Count(card.Longest)}"),
            ("Truncated examples", Figures.Count(measured.TruncatedCount)),
            ("Of these, closing tag lost", Figures.Count(measured.LostClosingTagCount)),
            ("Skipped rows", Figures.Count(card.SkippedCount)),
        ];
        if (card.Shares is { } shares)
            rows.AddRange(
            [
                ("Share of the loss's weight: reasoning tags", Figures.Percent(shares.Tags)),
                ("Share: other supervised tokens with an id of a tag", Figures.Percent(shares.SharedIds)),
                ("Share: tokens outside the assistant's turns", Figures.Percent(shares.Unsupervised)),
                ("Shares are taken of", $"{Figures.Count(card.WeighedExamples)} examples"),
            ]);
        return Table("What the student learns from", null, rows.Select(r => new object?[] { r.Name, r.Value }));
    }

    private static XElement Skipped(DataCard card) => card.SkippedCount == 0
        ? Classed("p", "note", "No row was skipped.")
        : Table(
            $"The first {Figures.Count(card.Skipped.Count)} of {Figures.Count(card.SkippedCount)} skipped rows",
            ["File", "Line", "Reason"],
            card.Skipped.Select(s => new object?[]
            {
                s.File is null ? "none" : Path.GetFileName(s.File),
                s.Line is { } line ? Figures.Count(line) : "none",
                s.Reason,
            }));
}
