using System.Text.Json;

namespace MiniMind;

/// <summary>Reads the <c>pre_tokenizer</c> of a <c>tokenizer.json</c>: <c>ByteLevel</c> alone, or a sequence of <c>Split</c> and <c>Digits</c> that ends with
/// it. Anything else would change ids and is an error that names it.</summary>
internal static class PreTokenizerReader
{
    /// <exception cref="TokenizerException">A part is of another kind, or has an option that is not done here.</exception>
    public static WordSplitter Read(TokenizerNode root)
    {
        var node = root.Object("pre_tokenizer");
        TokenizerNode[] parts = node.Text("type") == "Sequence" ? [.. node.Objects("pretokenizers")] : [node];
        if (parts.Length == 0 || parts[^1].Text("type") != "ByteLevel")
        {
            var last = parts.Length == 0 ? node : parts[^1];
            throw last.Fault($"{last.NameOf("type")} is '{MessageText.Printable(last.Text("type"))}'; expected 'ByteLevel'{Advice(last.Text("type"))}");
        }

        WordSplitter? splitter = null;
        foreach (var part in parts[..^1])
            splitter = Join(splitter, part.Text("type") switch
            {
                "Split" => ReadSplit(part),
                "Digits" => new DigitSplitter(part.Flag("individual_digits")),
                var other => throw part.Fault(
                    $"{part.NameOf("type")} is '{MessageText.Printable(other)}'; expected 'Split' or 'Digits' before the last 'ByteLevel'{Advice(other)}"),
            });
        return ReadByteLevel(parts[^1]) is { } byteLevel ? Join(splitter, byteLevel) : splitter ?? new WholeSplitter();
    }

    private static WordSplitter Join(WordSplitter? first, WordSplitter second) => first is null ? second : new SplitterSequence(first, second);

    private static Gpt2Splitter? ReadByteLevel(TokenizerNode node)
    {
        if (node.Flag("add_prefix_space"))
            throw node.Unexpected("add_prefix_space", "false");
        return !node.Has("use_regex") || node.Flag("use_regex") ? new Gpt2Splitter() : null;
    }

    private static WordSplitter ReadSplit(TokenizerNode node)
    {
        var pattern = node.Object("pattern");
        var (behavior, inverts) = (node.Text("behavior"), node.Flag("invert"));
        if (!pattern.Has("Regex"))
            throw pattern.Unexpected("Regex", "an expression");
        var expression = pattern.Text("Regex");
        var known = Known(expression);
        // What an expression matches, and the rest removed, is the same as isolated where nothing is left over.
        if (!(behavior == "Isolated" && !inverts) && !(behavior == "Removed" && inverts && known is not null))
            throw node.Fault(
                $"{node.NameOf("behavior")} is '{MessageText.Printable(behavior)}' with invert {(inverts ? "true" : "false")}; expected 'Isolated' with invert false");
        try
        {
            return known ?? new ExpressionSplitter(expression);
        }
        catch (NotSupportedException e)
        {
            throw new TokenizerException(
                node.Source, $"{pattern.NameOf("Regex")} is {MessageText.Quoted(expression)}, an expression that is not supported: {e.Message}", e);
        }
    }

    private static WordSplitter? Known(string expression) => expression switch
    {
        Gpt2Splitter.Expression => new Gpt2Splitter(),
        DigitGroupSplitter.ThreeDigits => new DigitGroupSplitter(3),
        DigitGroupSplitter.OneDigit => new DigitGroupSplitter(1),
        _ => null,
    };

    private static string Advice(string type) => type == "Metaspace" ? ". This is a SentencePiece tokenizer, which is not supported: only byte-level BPE is" : string.Empty;
}
