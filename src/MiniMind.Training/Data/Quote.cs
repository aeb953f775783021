namespace MiniMind.Training;

/// <summary>Puts text from a file into a message: in quotation marks, shortened, without control characters.</summary>
internal static class Quote
{
    private const int Longest = 40;

    public static string Text(string text)
    {
        var shown = text.Length <= Longest ? text : string.Concat(text.AsSpan(0, Longest), "…");
        return $"\"{string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c))}\"";
    }
}
