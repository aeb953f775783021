namespace MiniMind;

/// <summary>One splitter after the other: each cuts the words of the one before.</summary>
/// <param name="first">Cuts the text.</param>
/// <param name="second">Cuts the first one's words.</param>
internal sealed class SplitterSequence(WordSplitter first, WordSplitter second) : WordSplitter
{
    /// <summary>What cuts the text.</summary>
    public WordSplitter First => first;

    /// <summary>What cuts the first one's words.</summary>
    public WordSplitter Second => second;

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, int offset, List<int> ends)
    {
        var outer = new List<int>();
        first.Split(text, 0, outer);
        var start = 0;
        foreach (var end in outer)
        {
            second.Split(text[start..end], offset + start, ends);
            start = end;
        }
    }
}
