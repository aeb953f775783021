namespace MiniMind;

/// <summary>The tokens of a tokenizer in training, in their byte-level spelling.</summary>
internal sealed class BpeVocabulary
{
    private readonly List<string> _tokens = [];
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    public BpeVocabulary(IEnumerable<string> fixedTokens)
    {
        foreach (var token in fixedTokens)
            Add(token);
        foreach (var character in ByteAlphabet.Characters.ToArray().Order())
            Add(character.ToString());
    }

    public int Count => _tokens.Count;

    /// <summary>By id.</summary>
    public IReadOnlyList<string> Tokens => _tokens;

    public int IdOf(char character) => _ids[character.ToString()];

    /// <summary>The id of two tokens joined, which is a new one unless the same text has been made of other parts before.</summary>
    public int Join(int left, int right) => Add(_tokens[left] + _tokens[right]);

    private int Add(string token)
    {
        if (_ids.TryGetValue(token, out var id))
            return id;
        _tokens.Add(token);
        return _ids[token] = _tokens.Count - 1;
    }
}
