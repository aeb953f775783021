namespace MiniMind;

/// <summary>Sets digits apart from all else, one by one or in runs.</summary>
/// <param name="individual">Whether each digit is a word of its own.</param>
internal sealed class DigitSplitter(bool individual) : WordSplitter
{
    /// <summary>Whether each digit is a word of its own.</summary>
    public bool Individual => individual;

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, int offset, List<int> ends)
    {
        for (var at = 0; at < text.Length;)
        {
            var isDigit = ScalarScan.KindAt(text, at, out var width) == ScalarKind.Number;
            at += width;
            while (at < text.Length && !(isDigit && individual) && (ScalarScan.KindAt(text, at, out width) == ScalarKind.Number) == isDigit)
                at += width;
            ends.Add(offset + at);
        }
    }
}
