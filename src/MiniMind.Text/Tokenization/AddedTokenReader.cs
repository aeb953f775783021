namespace MiniMind;

/// <summary>Reads added tokens: those of <c>tokenizer.json</c>, and those that only the other files of a Hugging Face directory have. The former count where
/// both have one, as in Hugging Face's library.</summary>
internal static class AddedTokenReader
{
    /// <summary>Reads one added token.</summary>
    /// <param name="node">Its JSON object.</param>
    /// <param name="id">Its id.</param>
    /// <exception cref="TokenizerException">It has no text, or a switch is neither true nor false.</exception>
    public static AddedToken Read(TokenizerNode node, int id)
    {
        if (node.Text("content") is not { Length: > 0 } content)
            throw node.Fault($"{node.NameOf("content")} is empty; expected the token's text");
        return new AddedToken
        {
            Id = id,
            Content = content,
            IsSpecial = node.Flag("special"),
            SingleWord = node.Flag("single_word"),
            StripLeft = node.Flag("lstrip"),
            StripRight = node.Flag("rstrip"),
            IsNormalized = node.Flag("normalized"),
        };
    }

    /// <summary>Reads the <c>added_tokens</c> of a <c>tokenizer.json</c>, and adds the others.</summary>
    /// <param name="root">The file.</param>
    /// <param name="settings">What the other files say.</param>
    /// <param name="ids">The model's vocabulary, which gets the ids of the added tokens.</param>
    /// <returns>All added tokens.</returns>
    /// <exception cref="TokenizerException">A token occurs twice, or has another id than the vocabulary says, or than Hugging Face's library would give.</exception>
    public static List<AddedToken> ReadAll(TokenizerNode root, TokenizerSettings settings, Dictionary<string, int> ids)
    {
        var vocabulary = ids.Count;
        var tokens = new List<AddedToken>();
        var contents = new HashSet<string>(StringComparer.Ordinal);
        var tokenOf = ids.ToDictionary(e => e.Value, e => e.Key);
        foreach (var node in root.Has("added_tokens") ? root.Objects("added_tokens") : [])
        {
            var token = Read(node, node.Id("id"));
            if (!contents.Add(token.Content))
                throw node.Fault($"{node.Path} repeats '{MessageText.Printable(token.Content)}'");
            if (ids.TryGetValue(token.Content, out var known) ? known != token.Id : !tokenOf.TryAdd(token.Id, token.Content))
                throw node.Fault($"{node.Path} gives '{MessageText.Printable(token.Content)}' the id {token.Id}; model.vocab says otherwise");
            ids[token.Content] = token.Id;
            tokens.Add(token);
        }

        foreach (var (token, source) in settings.MoreTokens.Where(t => contents.Add(t.Token.Content)))
        {
            var expected = ids.TryGetValue(token.Content, out var known) ? known : Math.Max(vocabulary, tokens.Count == 0 ? 0 : tokens.Max(t => t.Id) + 1);
            if (token.Id != expected)
                throw new TokenizerException(
                    source, $"'{MessageText.Printable(token.Content)}' has the id {token.Id}; expected {expected}, " +
                    $"which {(known == expected && ids.ContainsKey(token.Content) ? $"{MiniMindTokenizer.TokenizerFileName} gives it" : "is the next free one and what Hugging Face's library would give it")}");
            ids[token.Content] = token.Id;
            tokens.Add(token);
        }

        // A token that has a part to play, and that only the vocabulary has, is found in texts like an added one.
        foreach (var name in settings.SpecialTokens.Where(name => ids.ContainsKey(name) && contents.Add(name)))
            tokens.Add(new AddedToken { Id = ids[name], Content = name, IsSpecial = true });
        return tokens;
    }
}
