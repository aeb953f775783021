using System.Buffers;
using System.Text;

namespace MiniMind;

/// <summary>Turns ids into text one at a time, as a model says them. The pieces, joined, are the text of all ids: a character whose bytes are
/// spread over several tokens is held back until it is whole, and bytes that are no UTF-8 become U+FFFD.</summary>
public sealed class TokenTextDecoder
{
    private readonly MiniMindTokenizer _tokenizer;
    private readonly bool _skipSpecial;
    private readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();

    internal TokenTextDecoder(MiniMindTokenizer tokenizer, bool skipSpecial)
    {
        (_tokenizer, _skipSpecial) = (tokenizer, skipSpecial);
    }

    /// <summary>The text that a further id completes.</summary>
    /// <param name="id">A token id.</param>
    /// <returns>Whole characters; empty if the id ends inside one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No token has this id.</exception>
    public string Append(int id)
    {
        var bytes = _tokenizer.BytesOf(id);
        return _skipSpecial && _tokenizer.IsSpecial(id) ? string.Empty : Convert(bytes, flush: false);
    }

    /// <summary>What is held back at the end: U+FFFD for a character that never became whole, otherwise nothing. The decoder can then be used
    /// for another text.</summary>
    /// <returns>The rest of the text.</returns>
    public string Flush() => Convert([], flush: true);

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        var chars = ArrayPool<char>.Shared.Rent(Encoding.UTF8.GetMaxCharCount(bytes.Length));
        try
        {
            return new string(chars, 0, _utf8.GetChars(bytes, chars, flush));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars);
        }
    }
}
