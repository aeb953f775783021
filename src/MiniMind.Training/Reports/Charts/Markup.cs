using System.Xml.Linq;

namespace MiniMind.Training;

/// <summary>Elements of a page. Texts become text and nothing else: what is written of them is escaped when the page is.</summary>
internal static class Markup
{
    public static XElement Element(string name, params object?[] content) => new(name, content);

    public static XElement Classed(string name, string classes, params object?[] content) => new(name, new XAttribute("class", classes), content);

    public static XAttribute Attribute(string name, object value) => new(name, value);

    /// <summary>A table that scrolls in a box of its own where it is wider than its place.</summary>
    /// <param name="caption">What it shows.</param>
    /// <param name="header">Names of the columns; none for rows of name and value.</param>
    /// <param name="rows">Their cells; the first of each is the row's name.</param>
    /// <param name="isLong">Whether it may have many rows, and scrolls up and down too.</param>
    public static XElement Table(string caption, IReadOnlyList<string>? header, IEnumerable<IReadOnlyList<object?>> rows, bool isLong = false) => Classed(
        "div",
        isLong ? "scroll long" : "scroll",
        Attribute("tabindex", 0),
        Attribute("role", "region"),
        Attribute("aria-label", caption),
        Element(
            "table",
            Element("caption", caption),
            header is null ? null : Element("thead", Element("tr", header.Select(h => Element("th", Attribute("scope", "col"), h)))),
            Element("tbody", rows.Select(row => Element(
                "tr",
                row.Select((cell, i) => i == 0 ? Element("th", Attribute("scope", "row"), cell) : Element("td", cell)))))));
}
