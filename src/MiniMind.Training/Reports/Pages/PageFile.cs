using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace MiniMind.Training;

/// <summary>Writes a page as HTML that is also well-formed XML.</summary>
internal static class PageFile
{
    private static readonly string[] VoidElements = ["meta", "link"];

    private static readonly XmlWriterSettings Settings = new()
    {
        ConformanceLevel = ConformanceLevel.Fragment,
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        // A carriage return that somebody wrote is read back as one.
        NewLineHandling = NewLineHandling.Entitize,
        CloseOutput = false,
    };

    /// <exception cref="IOException">The file cannot be written; an older one is as it was.</exception>
    public static void Write(string path, XElement html)
    {
        Clean(html);
        WriteFault.Wrap(path, () => Directory.CreateDirectory(Path.GetDirectoryName(path)!));
        AtomicFile.Write(path, stream =>
        {
            stream.Write("<!DOCTYPE html>\n"u8);
            using var writer = XmlWriter.Create(stream, Settings);
            html.WriteTo(writer);
        });
    }

    private static void Clean(XElement html)
    {
        foreach (var text in html.DescendantNodes().OfType<XText>().ToList())
            text.Value = Clean(text.Value);
        foreach (var attribute in html.DescendantsAndSelf().Attributes())
            attribute.Value = Clean(attribute.Value);
        // A browser takes <td/> for a <td> that is not closed.
        foreach (var element in html.DescendantsAndSelf().Where(e => e.IsEmpty && !VoidElements.Contains(e.Name.LocalName)).ToList())
            element.Value = string.Empty;
    }

    /// <summary>What no XML may hold, control characters and halves of surrogate pairs, becomes the replacement character.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            clean.Append(rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? "\uFFFD" : rune.ToString());
        return clean.ToString();
    }
}
