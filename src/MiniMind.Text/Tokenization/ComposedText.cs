using System.Text;

namespace MiniMind;

/// <summary>A text in Unicode's canonical composition (NFC), piece by piece: added tokens stay as they are written. It knows where each place of the text
/// went.</summary>
internal sealed class ComposedText
{
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
        while (text.IndexOfAnyExceptInRange('\0', '\u02ff') is >= 0 and var first)
        {
            text = text[Math.Max(0, first - 1)..];
            var end = CanonicalComposition.EndOfCluster(text);
            if (!CanonicalComposition.IsComposed(text[..end]))
                return false;
            text = text[end..];
        }

        return true;
    }

    private void Compose(ReadOnlySpan<char> text, int start)
    {
        while (text.Length > 0)
        {
            var cluster = text[..CanonicalComposition.EndOfCluster(text)];
            if (CanonicalComposition.IsComposed(cluster))
            {
                Keep(cluster, start);
            }
            else
            {
                var composed = CanonicalComposition.Compose(cluster);
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
}
