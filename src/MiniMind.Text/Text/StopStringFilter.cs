using System.Text;

namespace MiniMind;

/// <summary>Passes text on until a stop string occurs in it; what may be the beginning of one is held back. Of several stop strings the one that is
/// complete first counts, so that it does not matter how the text is cut into pieces.</summary>
internal sealed class StopStringFilter(IReadOnlyList<string> stops)
{
    private readonly StringBuilder _held = new();

    public bool Stopped { get; private set; }

    /// <summary>The text that is certain to come before any stop string.</summary>
    public string Append(string piece)
    {
        if (stops.Count == 0)
            return piece;
        if (Stopped)
            return string.Empty;
        var text = _held.Append(piece).ToString();
        var found = stops.Select(s => (Start: text.IndexOf(s, StringComparison.Ordinal), s.Length)).Where(f => f.Start >= 0).ToList();
        Stopped = found.Count > 0;
        var sure = Stopped ? found.MinBy(f => (f.Start + f.Length, f.Start)).Start : text.Length - stops.Max(s => LongestBeginning(text, s));
        _held.Clear();
        if (!Stopped)
            _held.Append(text, sure, text.Length - sure);
        return text[..sure];
    }

    /// <summary>What is held back when the text ends.</summary>
    public string Flush()
    {
        var rest = _held.ToString();
        _held.Clear();
        return rest;
    }

    /// <summary>How many characters at the text's end may begin the other text.</summary>
    public static int LongestBeginning(ReadOnlySpan<char> text, string stop)
    {
        for (var length = Math.Min(text.Length, stop.Length - 1); length > 0; length--)
            if (text[^length..].SequenceEqual(stop.AsSpan(0, length)))
                return length;
        return 0;
    }
}
