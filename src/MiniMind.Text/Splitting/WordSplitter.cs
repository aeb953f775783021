namespace MiniMind;

/// <summary>Cuts text into the words that are encoded one by one, as a tokenizer's pre-tokenizer does. Safe for any number of threads.</summary>
internal abstract class WordSplitter
{
    /// <summary>Adds where each word of a text ends. The words follow one another without gaps.</summary>
    /// <param name="text">The text, which may be empty.</param>
    /// <param name="offset">What is added to each end.</param>
    /// <param name="ends">Where the ends go, ascending; the last one is the text's end.</param>
    public abstract void Split(ReadOnlySpan<char> text, int offset, List<int> ends);
}
