using System.Xml.Linq;
using static MiniMind.Training.Markup;

namespace MiniMind.Training;

/// <summary>A figure with a chart: what it shows, what each kind of line means, and the drawing.</summary>
/// <param name="title">What is shown.</param>
/// <param name="frame">The axes.</param>
internal sealed class Chart(string title, ChartFrame frame)
{
    private const double Radius = 4.5;

    private readonly List<XElement> _content = [];
    private readonly List<XElement> _keys = [];

    /// <summary>Each point as a dot, or where it stands for several values as a bar from the lowest to the highest.</summary>
    public Chart Dots(IReadOnlyList<CurvePoint> points, string color, string key)
    {
        var shape = points.Any(p => p.Low < p.High) ? "bars" : "dots";
        // A stroke's round ends make a dot of a line without length.
        var path = string.Concat(points.Select(p => $"M{frame.Point(p.Step, p.Low)}L{frame.Point(p.Step, p.High)}"));
        return Add(Classed("path", $"{shape} {color}", Attribute("d", path)), "key-dots", color, key);
    }

    public Chart Line(IEnumerable<(double X, double Y)> points, string color, string? key)
    {
        var path = "M" + string.Join('L', points.Select(p => frame.Point(p.X, p.Y)));
        return Add(Classed("path", $"line {color}", Attribute("d", path)), "key-line", color, key);
    }

    /// <summary>Evaluations, joined by a line; round or square, so that they are not told apart by colour alone.</summary>
    public Chart Markers(IReadOnlyList<ChartMarker> markers, string color, string key, bool isSquare = false)
    {
        Line(markers.Select(m => ((double)m.Step, m.Value)), color, key: null);
        foreach (var marker in markers)
        {
            if (marker.Interval is { } interval)
                _content.Add(Classed(
                    "path", $"reach {color}", Attribute("d", $"M{frame.Point(marker.Step, interval.Low)}L{frame.Point(marker.Step, interval.High)}")));
            _content.Add(Shape(marker, isSquare, color));
        }

        _keys.Add(Key(isSquare ? "key-square" : "key-round", color, key));
        return this;
    }

    public Chart Rule(double value, string color, string key) => Add(frame.Rule($"rule {color}", value), "key-rule", color, key);

    public Chart Upright(double value, string color, string key) => Add(frame.Upright($"rule {color}", value), "key-rule", color, key);

    /// <summary>Bars from 0.</summary>
    public Chart Bars(IEnumerable<(double From, double To, double Value)> bars, string color)
    {
        _content.AddRange(bars.Where(b => b.Value > 0).Select(b => Classed(
            "path",
            $"bar {color}",
            Attribute("d", $"M{frame.Point(b.From, 0)}L{frame.Point(b.From, b.Value)}L{frame.Point(b.To, b.Value)}L{frame.Point(b.To, 0)}Z"),
            Element("title", $"{Figures.Count((long)b.From)} to {Figures.Count((long)b.To - 1)}: {Figures.Count((long)b.Value)}"))));
        return this;
    }

    /// <param name="notes">What has to be known to read it, one paragraph each; those that are null are left out.</param>
    public XElement ToFigure(params string?[] notes) => Element(
        "figure",
        Element(
            "figcaption",
            Element("h3", title),
            notes.Where(n => n is not null).Select(n => Element("p", n)),
            _keys.Count == 0 ? null : Classed("ul", "keys", _keys)),
        frame.Draw(title, _content));

    private Chart Add(XElement element, string shape, string color, string? key)
    {
        _content.Add(element);
        if (key is not null)
            _keys.Add(Key(shape, color, key));
        return this;
    }

    private static XElement Key(string shape, string color, string text) => Element("li", Classed("span", $"key {shape} {color}"), text);

    private XElement Shape(ChartMarker marker, bool isSquare, string color)
    {
        var (x, y) = (frame.X(marker.Step), frame.Y(marker.Value));
        var title = Element("title", marker.Title);
        return isSquare
            ? Classed(
                "rect",
                $"marker {color}",
                Attribute("x", Figures.Place(x - Radius)),
                Attribute("y", Figures.Place(y - Radius)),
                Attribute("width", Figures.Place(2 * Radius)),
                Attribute("height", Figures.Place(2 * Radius)),
                title)
            : Classed(
                "circle",
                $"marker {color}",
                Attribute("cx", Figures.Place(x)),
                Attribute("cy", Figures.Place(y)),
                Attribute("r", Figures.Place(Radius)),
                title);
    }
}
