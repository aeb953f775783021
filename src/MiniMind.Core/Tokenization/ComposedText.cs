using System.Globalization;
using System.Text;

namespace MiniMind;

/// <summary>A text in Unicode's canonical composition (NFC), piece by piece: added tokens stay as they are written. It knows where each place of the text
/// went.</summary>
internal sealed class ComposedText
{
    // No character below this one is changed by composition, or joined to the one before.
    private const char FirstMark = '\u0300';

    private readonly StringBuilder _text = new();
    private readonly int[] _places;

    private ComposedText(ReadOnlySpan<char> text, IEnumerable<TextPiece> pieces)
    {
        _places = new int[text.Length + 1];
        foreach (var piece in pieces)
        {
            var start = _text.Length;
            if (piece.Token is null)
                Compose(text.Slice(piece.Start, piece.Length), piece.Start);
            else
                Keep(text.Slice(piece.Start, piece.Length), piece.Start);
            Pieces.Add(piece with { Start = start, Length = _text.Length - start });
        }

        _places[text.Length] = _text.Length;
    }

    /// <summary>Whether this process can normalize at all: without the International Components for Unicode .NET gives texts back as they are.</summary>
    public static bool CanCompose { get; } = "e\u0301".Normalize(NormalizationForm.FormC) == "\u00e9";

    /// <summary>The pieces' places in the composed text.</summary>
    public List<TextPiece> Pieces { get; } = [];

    /// <summary>Composes a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pieces">Its pieces, without gaps.</param>
    /// <returns>The composed text, or <see langword="null"/> if composition changes nothing.</returns>
    public static ComposedText? Of(ReadOnlySpan<char> text, IReadOnlyList<TextPiece> pieces)
    {
        foreach (var piece in pieces)
            if (piece.Token is null && !IsComposed(text.Slice(piece.Start, piece.Length)))
                return new ComposedText(text, pieces);
        return null;
    }

    /// <summary>Where a range of the text is in the composed one.</summary>
    public ContentRange Place(ContentRange range) => new(_places[range.Start], _places[range.End], range.IsReply);

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private static bool IsComposed(ReadOnlySpan<char> text)
    {
        if (text.IndexOfAnyExceptInRange('\0', (char)(FirstMark - 1)) < 0)
            return true;
        while (text.Length > 0)
        {
            var end = EndOfCluster(text);
            if (!IsComposedCluster(text[..end]))
                return false;
            text = text[end..];
        }

        return true;
    }

    private static bool IsComposedCluster(ReadOnlySpan<char> cluster) =>
        cluster[0] < FirstMark && cluster.Length == 1
        || (cluster[0] is >= '\u4e00' and <= '\u9fff' && cluster.Length == 1)
        || IsLoneSurrogate(cluster)
        || cluster.IsNormalized(NormalizationForm.FormC);

    private static bool IsLoneSurrogate(ReadOnlySpan<char> cluster) => cluster.Length == 1 && char.IsSurrogate(cluster[0]);

    private void Compose(ReadOnlySpan<char> text, int start)
    {
        while (text.Length > 0)
        {
            var cluster = text[..EndOfCluster(text)];
            if (IsComposedCluster(cluster))
            {
                Keep(cluster, start);
            }
            else
            {
                var composed = cluster.ToString().Normalize(NormalizationForm.FormC);
                for (var i = 0; i < cluster.Length; i++)
                    _places[start + i] = _text.Length + Math.Min(i, composed.Length);
                _text.Append(composed);
            }

            start += cluster.Length;
            text = text[cluster.Length..];
        }
    }

    private void Keep(ReadOnlySpan<char> text, int start)
    {
        for (var i = 0; i < text.Length; i++)
            _places[start + i] = _text.Length + i;
        _text.Append(text);
    }

    /// <summary>Where the first characters end that are composed apart from those behind them.</summary>
    private static int EndOfCluster(ReadOnlySpan<char> text)
    {
        Rune.DecodeFromUtf16(text, out _, out var end);
        if (IsLoneSurrogate(text[..end]))
            return end;
        while (end < text.Length && Rune.DecodeFromUtf16(text[end..], out var rune, out var width) == System.Buffers.OperationStatus.Done && JoinsTheOneBefore(rune))
            end += width;
        return end;
    }

    // Marks; the vowels and final consonants of Hangul; the vowels of Kirat Rai, which are letters.
    private static bool JoinsTheOneBefore(Rune rune) => rune.Value >= FirstMark
        && (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
            || rune.Value is (>= 0x1160 and <= 0x11ff) or (>= 0x16d63 and <= 0x16d6a));
}
