using System.Globalization;
using System.Xml.Linq;
using static MiniMind.Training.Markup;

namespace MiniMind.Training;

/// <summary>The whole page of a run.</summary>
internal sealed record RunPage
{
    private static readonly string[] Sections = ["Curves", "Evaluation", "Data", "Configuration"];

    public required string Title { get; init; }

    public required RunFacts Facts { get; init; }

    public required RunStatus Status { get; init; }

    public required RunCurves Curves { get; init; }

    public required DataCard? Data { get; init; }

    public required ReasoningEvaluation? Before { get; init; }

    public required ReasoningEvaluation? Last { get; init; }

    /// <summary>Steps done when <see cref="Last"/> was measured.</summary>
    public required long LastStep { get; init; }

    /// <summary>How many right and how many wrong replies are shown.</summary>
    public required int Examples { get; init; }

    public required DateTimeOffset Written { get; init; }

    private long StepsDone => Curves.Last?.Step ?? Facts.StartStep;

    public XElement Create() => Element(
        "html",
        Attribute("lang", "en"),
        Element(
            "head",
            Element("meta", Attribute("charset", "utf-8")),
            Element("meta", Attribute("name", "viewport"), Attribute("content", "width=device-width, initial-scale=1")),
            Element("meta", Attribute("name", "color-scheme"), Attribute("content", "light dark")),
            // Nothing is loaded and nothing runs, whatever a student wrote.
            Element(
                "meta",
                Attribute("http-equiv", "Content-Security-Policy"),
                Attribute("content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:")),
            Element("link", Attribute("rel", "icon"), Attribute("href", "data:,")),
            Element("title", $"{Title}: report of a training run"),
            Element("style", PageStyle.Css)),
        Element("body", Header(), Main(), Footer()));

    private XElement Header() => Element(
        "header",
        Element("h1", Title),
        Element(
            "p",
            "Report of a training run: ",
            Classed("strong", Status.IsGood ? "good" : "bad", Status.Text),
            $". Step {Figures.Count(StepsDone)} of {Figures.Count(Facts.TotalSteps)}. ",
            string.Create(CultureInfo.InvariantCulture, $"Written {Written.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC.")),
        Facts.StartStep == 0 ? null : Classed(
            "p",
            "note",
            $"The run went on from a checkpoint: steps 1 to {Figures.Count(Facts.StartStep)} were done before and are not in this report, ",
            "and tokens and times count from there."),
        Element("nav", Attribute("aria-label", "Sections"), Element("ul", Sections
            .Select(name => Element("li", Element("a", Attribute("href", "#" + name.ToLowerInvariant()), name))))),
        Classed("dl", "tiles", Tiles().Select(t => Element("div", Element("dt", t.Name), Element("dd", t.Value, Element("small", t.Note))))));

    private IEnumerable<(string Name, string Value, string Note)> Tiles()
    {
        if (Last is not null)
        {
            yield return ("Accuracy", Figures.Percent(Last.Accuracy), Figures.Range(Last.AccuracyInterval));
            yield return ("Format kept", Figures.Percent(Last.FormatCompliance), Figures.Range(Last.FormatInterval));
        }

        if (Curves.Evaluations.Of(HeldOutLoss.MetricName) is [.., var heldOut])
            yield return ("Held-out loss", Figures.Number(heldOut.Value), "nats per token");
        if (Curves.Loss.Points is [.., var loss])
            yield return ("Training loss", Figures.Number(loss.Mean), Facts.HasTagWeights ? "running mean, tags weighted" : "running mean");
        if (Curves.Last is { } last)
        {
            yield return ("Tokens trained on", Figures.Count(last.Tokens), $"{Figures.Count(last.SupervisedTokens)} supervised");
            yield return ("Time in steps", Figures.Duration(last.Elapsed), $"{Figures.Number(last.TokensPerSecond)} tokens per second");
        }
    }

    private XElement Main() => Element(
        "main",
        new CurveSection(Curves, Axis.Steps(Before is null ? Facts.StartStep : 0, StepsDone), Facts).Create(),
        new EvaluationSection(Curves.Evaluations, Before, Last, LastStep, Examples).Create(),
        DataSection.Create(Data),
        Element(
            "section",
            Attribute("id", "configuration"),
            Element("h2", "Configuration"),
            Classed("div", "columns", Rows("Model", Facts.Model), Rows("Machine", Facts.Machine)),
            Rows("Training", Facts.Training)));

    private XElement Footer() => Element(
        "footer", Element("p", $"Run {Facts.RunId}. Written by MiniMind for .NET. This page is one file, loads nothing and runs no script."));

    private static XElement Rows(string caption, IEnumerable<(string Name, string Value)> rows) =>
        Table(caption, null, rows.Select(r => new object?[] { r.Name, r.Value }));
}
