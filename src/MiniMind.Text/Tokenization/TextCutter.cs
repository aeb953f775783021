namespace MiniMind;

/// <summary>Finds a tokenizer's added tokens in texts, and normalizes what lies between, in the order of Hugging Face's library: tokens are looked for in
/// the text as it is written, what lies between is composed, and tokens that are declared as normalized are looked for in that.</summary>
internal sealed class TextCutter
{
    private readonly AddedTokenFinder? _asWritten;
    private readonly AddedTokenFinder? _inNormalized;
    private readonly bool _composes;

    public TextCutter(TokenizerFile file)
    {
        _composes = file.IsComposed;
        _asWritten = Finder(file.AddedTokens.Where(t => !t.IsNormalized).Select(t => KeyValuePair.Create(t.Content, t)));
        _inNormalized = Finder(file.AddedTokens.Where(t => t.IsNormalized)
            .Select(t => KeyValuePair.Create(_composes ? Composed(t.Content) : t.Content, t)));
    }

    /// <summary>Cuts a text into added tokens and what lies between.</summary>
    /// <param name="text">The text.</param>
    /// <param name="allowSpecial">Whether there are added tokens in it.</param>
    /// <param name="content">Where somebody else than the template wrote: ascending ranges that do not overlap, or none.</param>
    /// <param name="isReplyToken">Which added tokens may stand inside the assistant's content; in other content there are none.</param>
    public CutText Cut(string text, bool allowSpecial, IReadOnlyList<ContentRange>? content = null, Func<AddedToken, bool>? isReplyToken = null)
    {
        var pieces = new List<TextPiece>();
        if (allowSpecial && _asWritten is not null)
            _asWritten.Split(text, 0, pieces, content, isReplyToken);
        else if (text.Length > 0)
            pieces.Add(new TextPiece(0, text.Length, null));

        var composed = _composes ? ComposedText.Of(text, pieces) : null;
        if (composed is not null)
        {
            (text, pieces) = (composed.ToString(), composed.Pieces);
            content = content is null ? null : [.. content.Select(composed.Place)];
        }

        return new CutText(text, allowSpecial && _inNormalized is not null ? Recut(text, pieces, content, isReplyToken) : pieces, composed is null ? null : text);
    }

    private List<TextPiece> Recut(string text, List<TextPiece> pieces, IReadOnlyList<ContentRange>? content, Func<AddedToken, bool>? isReplyToken)
    {
        var cut = new List<TextPiece>(pieces.Count);
        foreach (var piece in pieces)
            if (piece.Token is null)
                _inNormalized!.Split(text.AsSpan(piece.Start, piece.Length), piece.Start, cut, content, isReplyToken);
            else
                cut.Add(piece);
        return cut;
    }

    /// <summary>A text in canonical composition.</summary>
    public static string Composed(string text) => ComposedText.Of(text, [new TextPiece(0, text.Length, null)])?.ToString() ?? text;

    private static AddedTokenFinder? Finder(IEnumerable<KeyValuePair<string, AddedToken>> tokens) => tokens.ToList() is { Count: > 0 } all ? new AddedTokenFinder(all) : null;
}
