using System.Buffers;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace MiniMind;

/// <content>The members that Microsoft.ML.Tokenizers' abstraction asks for. There is no normalizer, and the splitting into words is part of the
/// encoding, so both of its pipeline properties are null.</content>
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
            return new EncodeResults<int> { Tokens = [.. tokens.Tokens.Select(t => t.Id)], CharsConsumed = tokens.CharsConsumed };
        }

        var span = text is null ? textSpan : text;
        var ids = Encode(span, Pieces(span, allowSpecial: true, content: null), settings.ConsiderPreTokenization);
        return new EncodeResults<int> { Tokens = ids, CharsConsumed = span.Length };
    }

    /// <inheritdoc/>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var span = text is null ? textSpan : text;
        var ids = Encode(span, Pieces(span, allowSpecial: true, content: null), settings.ConsiderPreTokenization);
        var tokens = Locate(span, ids);
        if (tokens.Count <= settings.MaxTokenCount)
            return new EncodeResults<EncodedToken> { Tokens = tokens, CharsConsumed = span.Length };

        // Cut where no character is divided: the next token begins where this one ends.
        var count = settings.MaxTokenCount;
        while (count > 0 && tokens[count].Offset.Start.Value < tokens[count - 1].Offset.End.Value)
            count--;
        return new EncodeResults<EncodedToken>
        {
            Tokens = tokens[..count],
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
        normalizedText = null;
        var most = settings.MaxTokenCount;
        if (!fromEnd)
        {
            var kept = EncodeToTokens(text, textSpan, settings);
            tokenCount = kept.Tokens.Count;
            return kept.CharsConsumed;
        }

        var all = EncodeToTokens(text, textSpan, new EncodeSettings { ConsiderPreTokenization = settings.ConsiderPreTokenization }).Tokens;
        var first = Math.Max(0, all.Count - most);
        while (first > 0 && first < all.Count && all[first].Offset.Start.Value < all[first - 1].Offset.End.Value)
            first++;
        tokenCount = all.Count - first;
        return first == all.Count ? (text?.Length ?? textSpan.Length) : all[first].Offset.Start.Value;
    }

    /// <summary>Gives each id the UTF-16 units its bytes come from; an id that holds part of a character's bytes gets the whole character.</summary>
    private List<EncodedToken> Locate(ReadOnlySpan<char> text, List<int> ids)
    {
        var tokens = new List<EncodedToken>(ids.Count);
        var (start, used) = (0, 0);
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

        return tokens;
    }
}
