using System.Buffers;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace MiniMind;

/// <content>The members that Microsoft.ML.Tokenizers' abstraction asks for. Normalization and the splitting into words are part of the encoding, so both of
/// its pipeline properties are null; where text is normalized, places count in the normalized text, which is given back with them. Special tokens around a
/// text are not added.</content>
public sealed partial class MiniMindTokenizer
{
    /// <summary>Decodes ids, special tokens included.</summary>
    /// <param name="ids">Token ids.</param>
    /// <returns>The text.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No token has such an id.</exception>
    public override string Decode(IEnumerable<int> ids) => Decode(ids, skipSpecial: false);

    /// <summary>Decodes as many ids as fit, special tokens included.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="destination">Where the text goes.</param>
    /// <param name="idsConsumed">How many ids the written text stands for.</param>
    /// <param name="charsWritten">How many UTF-16 units were written, only whole characters.</param>
    /// <returns><see cref="OperationStatus.Done"/>, or <see cref="OperationStatus.DestinationTooSmall"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No token has such an id.</exception>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        (idsConsumed, charsWritten) = (0, 0);
        var decoder = CreateDecoder(skipSpecial: false);
        var seen = 0;
        foreach (var id in ids)
        {
            seen++;
            var text = decoder.Append(id);
            if (text.Length == 0)
                continue;
            if (!text.TryCopyTo(destination[charsWritten..]))
                return OperationStatus.DestinationTooSmall;
            charsWritten += text.Length;
            idsConsumed = seen;
        }

        var rest = decoder.Flush();
        if (!rest.TryCopyTo(destination[charsWritten..]))
            return OperationStatus.DestinationTooSmall;
        (idsConsumed, charsWritten) = (seen, charsWritten + rest.Length);
        return OperationStatus.Done;
    }

    /// <inheritdoc/>
    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        if (settings.MaxTokenCount < int.MaxValue)
        {
            var tokens = EncodeToTokens(text, textSpan, settings);
            return new EncodeResults<int>
            {
                Tokens = [.. tokens.Tokens.Select(t => t.Id)],
                NormalizedText = tokens.NormalizedText,
                CharsConsumed = tokens.CharsConsumed,
            };
        }

        var cut = _cutter.Cut(text ?? textSpan.ToString(), allowSpecial: true);
        return new EncodeResults<int> { Tokens = Encode(cut, settings.ConsiderPreTokenization), NormalizedText = cut.Normalized, CharsConsumed = cut.Text.Length };
    }

    /// <inheritdoc/>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var cut = _cutter.Cut(text ?? textSpan.ToString(), allowSpecial: true);
        var tokens = Locate(cut, settings.ConsiderPreTokenization);
        if (tokens.Count <= settings.MaxTokenCount)
            return new EncodeResults<EncodedToken> { Tokens = tokens, NormalizedText = cut.Normalized, CharsConsumed = cut.Text.Length };

        // Cut where no character is divided: the next token begins where this one ends.
        var count = settings.MaxTokenCount;
        while (count > 0 && tokens[count].Offset.Start.Value < tokens[count - 1].Offset.End.Value)
            count--;
        return new EncodeResults<EncodedToken>
        {
            Tokens = tokens[..count],
            NormalizedText = cut.Normalized,
            CharsConsumed = count == 0 ? 0 : tokens[count - 1].Offset.End.Value,
        };
    }

    /// <inheritdoc/>
    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings) =>
        EncodeToIds(text, textSpan, settings).Tokens.Count;

    /// <inheritdoc/>
    protected override int GetIndexByTokenCount(
        string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        var most = settings.MaxTokenCount;
        if (!fromEnd)
        {
            var kept = EncodeToTokens(text, textSpan, settings);
            (normalizedText, tokenCount) = (kept.NormalizedText, kept.Tokens.Count);
            return kept.CharsConsumed;
        }

        var whole = EncodeToTokens(text, textSpan, new EncodeSettings { ConsiderPreTokenization = settings.ConsiderPreTokenization });
        var all = whole.Tokens;
        normalizedText = whole.NormalizedText;
        var first = Math.Max(0, all.Count - most);
        while (first > 0 && first < all.Count && all[first].Offset.Start.Value < all[first - 1].Offset.End.Value)
            first++;
        tokenCount = all.Count - first;
        return first == all.Count ? whole.CharsConsumed : all[first].Offset.Start.Value;
    }

    private List<EncodedToken> Locate(CutText text, bool splitsWords)
    {
        var tokens = new List<EncodedToken>();
        foreach (var piece in text.Pieces)
        {
            if (piece.Token is { } token)
            {
                tokens.Add(new EncodedToken(token.Id, token.Content, new Range(piece.Start, piece.Start + piece.Length)));
                continue;
            }

            Locate(text.Text, piece.Start, Encode(text with { Pieces = [piece] }, splitsWords), tokens);
        }

        return tokens;
    }

    /// <summary>Gives each id the UTF-16 units its bytes come from; an id that holds part of a character's bytes gets the whole character.</summary>
    private void Locate(ReadOnlySpan<char> text, int start, List<int> ids, List<EncodedToken> tokens)
    {
        var used = 0;
        foreach (var id in ids)
        {
            // The character at `start` has given `used` of its bytes to earlier tokens.
            var left = BytesOf(id).Length + used;
            var end = start;
            var next = start;
            var carried = 0;
            while (left > 0)
            {
                Rune.DecodeFromUtf16(text[end..], out var rune, out var width);
                end += width;
                left -= rune.Utf8SequenceLength;
                if (left >= 0)
                    next = end;
                else
                    carried = left + rune.Utf8SequenceLength;
            }

            tokens.Add(new EncodedToken(id, Encoding.UTF8.GetString(BytesOf(id)), new Range(start, end)));
            (start, used) = (next, carried);
        }
    }
}
