using System.Buffers;
using System.Text;

namespace MiniMind;

/// <summary>Turns ids into text one at a time, as a model says them. The pieces, joined, are the text of all ids: a character whose bytes are
/// spread over several tokens is held back until it is whole, and bytes that are no UTF-8 become U+FFFD.</summary>
public sealed class TokenTextDecoder
{
    private readonly MiniMindTokenizer _tokenizer;
    private readonly bool _skipSpecial;
    private byte[] _heldBack = [];

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
        var token = _tokenizer.BytesOf(id);
        if (_skipSpecial && _tokenizer.IsSpecial(id))
            return string.Empty;
        byte[] bytes = _heldBack.Length == 0 ? token : [.. _heldBack, .. token];
        var whole = bytes.Length;
        if (Rune.DecodeLastFromUtf8(bytes, out _, out var length) == OperationStatus.NeedMoreData)
            whole -= length;
        _heldBack = bytes[whole..];
        return Encoding.UTF8.GetString(bytes, 0, whole);
    }

    /// <summary>What is held back at the end: U+FFFD for a character that never became whole, otherwise nothing. The decoder can then be used
    /// for another text.</summary>
    /// <returns>The rest of the text.</returns>
    public string Flush()
    {
        var rest = Encoding.UTF8.GetString(_heldBack);
        _heldBack = [];
        return rest;
    }
}
