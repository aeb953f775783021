namespace MiniMind;

/// <summary>Reads the <c>normalizer</c> of a <c>tokenizer.json</c>: none, or Unicode's canonical composition (NFC).</summary>
internal static class NormalizerReader
{
    /// <returns>Whether texts are composed.</returns>
    /// <exception cref="TokenizerException">It is another one.</exception>
    public static bool ReadsComposed(TokenizerNode root)
    {
        if (!root.Has("normalizer") || root.Value("normalizer") is { ValueKind: System.Text.Json.JsonValueKind.String } text && text.GetString()!.Length == 0)
            return false;
        var node = root.Object("normalizer");
        TokenizerNode[] parts = node.Text("type") == "Sequence" ? [.. node.Objects("normalizers")] : [node];
        foreach (var part in parts)
            if (part.Text("type") is not "NFC" and var type)
                throw part.Fault(
                    $"{part.NameOf("type")} is '{MessageText.Printable(type)}'; expected 'NFC', or no normalizer" +
                    (type is "Prepend" or "Replace" or "Precompiled" ? ". This is a SentencePiece tokenizer, which is not supported: only byte-level BPE is" : string.Empty));
        return parts.Length > 0;
    }
}
