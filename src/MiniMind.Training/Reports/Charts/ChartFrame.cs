using System.Xml.Linq;
using static MiniMind.Training.Markup;

namespace MiniMind.Training;

/// <summary>The axes of a chart and what is drawn between them, as SVG. Its text is larger on narrow screens, where the drawing is smaller; the margins are
/// made for that.</summary>
internal sealed class ChartFrame(Axis horizontal, Axis vertical, string horizontalLabel, string verticalLabel)
{
    private const double Width = 560;
    private const double Height = 320;
    private const double Left = 78;
    private const double Right = 544;
    private const double Top = 36;
    private const double Bottom = 266;

    public double X(double value) => Left + (horizontal.PlaceOf(value) * (Right - Left));

    public double Y(double value) => Bottom - (vertical.PlaceOf(value) * (Bottom - Top));

    /// <summary>A place as a path has it.</summary>
    public string Point(double x, double y) => $"{Figures.Place(X(x))} {Figures.Place(Y(y))}";

    public XElement Draw(string title, IEnumerable<XElement> content) => Element(
        "svg",
        Attribute("viewBox", $"0 0 {Figures.Place(Width)} {Figures.Place(Height)}"),
        Attribute("role", "img"),
        Attribute("aria-label", title),
        vertical.Marks.Select(m => Line("grid", Left, Y(m), Right, Y(m))),
        Line("axis", Left, Bottom, Right, Bottom),
        horizontal.Marks.Select(m => Line("axis", X(m), Bottom, X(m), Bottom + 5)),
        vertical.Marks.Select(m => Text("end", Left - 8, Y(m) + 5, vertical.Shown(m))),
        horizontal.Marks.Select(m => Text("middle", X(m), Bottom + 22, horizontal.Shown(m))),
        Text("start", 2, 17, verticalLabel),
        Text("middle", (Left + Right) / 2, Height - 8, horizontalLabel),
        content);

    /// <summary>A line over the whole width.</summary>
    public XElement Rule(string classes, double value) => Line(classes, Left, Y(value), Right, Y(value));

    /// <summary>A line from top to bottom.</summary>
    public XElement Upright(string classes, double value) => Line(classes, X(value), Top, X(value), Bottom);

    private static XElement Line(string classes, double x1, double y1, double x2, double y2) => Classed(
        "path", classes, Attribute("d", $"M{Figures.Place(x1)} {Figures.Place(y1)}L{Figures.Place(x2)} {Figures.Place(y2)}"));

    private static XElement Text(string anchor, double x, double y, string text) => Element(
        "text", Attribute("x", Figures.Place(x)), Attribute("y", Figures.Place(y)), Attribute("text-anchor", anchor), text);
}
