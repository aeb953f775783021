namespace MiniMind;

/// <summary>Leaves a text in one piece.</summary>
internal sealed class WholeSplitter : WordSplitter
{
    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, int offset, List<int> ends)
    {
        if (text.Length > 0)
            ends.Add(offset + text.Length);
    }
}
