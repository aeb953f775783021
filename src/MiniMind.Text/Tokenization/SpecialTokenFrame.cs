namespace MiniMind;

/// <summary>Special tokens that are put around a text, as <c>TemplateProcessing</c> does it (Llama 3's <c>&lt;|begin_of_text|&gt;</c>).</summary>
/// <param name="Before">Ids before the text.</param>
/// <param name="After">Ids behind it.</param>
internal sealed record SpecialTokenFrame(IReadOnlyList<int> Before, IReadOnlyList<int> After)
{
    public static SpecialTokenFrame None { get; } = new([], []);

    /// <summary>Reads the <c>post_processor</c> of a <c>tokenizer.json</c>.</summary>
    /// <exception cref="TokenizerException">It is of another kind, or names a token that is not there.</exception>
    public static SpecialTokenFrame Read(TokenizerNode root)
    {
        if (!root.Has("post_processor"))
            return None;
        var node = root.Object("post_processor");
        TokenizerNode[] parts = node.Text("type") == "Sequence" ? [.. node.Objects("processors")] : [node];
        var frame = None;
        foreach (var part in parts)
            frame = part.Text("type") switch
            {
                "ByteLevel" => frame,
                "TemplateProcessing" when frame == None => ReadTemplate(part),
                var type => throw part.Fault($"{part.NameOf("type")} is '{MessageText.Printable(type)}'; expected 'ByteLevel', and at most one 'TemplateProcessing'"),
            };
        return frame;
    }

    private static SpecialTokenFrame ReadTemplate(TokenizerNode node)
    {
        List<int> before = [], after = [];
        var hasText = false;
        foreach (var piece in node.Objects("single"))
            if (piece.Has("Sequence"))
                hasText = !hasText ? true : throw piece.Fault($"{piece.Path} has the text a second time; expected it once");
            else
                (hasText ? after : before).AddRange(IdsOf(node, piece.Object("SpecialToken").Text("id")));
        return hasText ? new(before, after) : throw node.Fault($"{node.NameOf("single")} has no place for the text; expected an entry 'Sequence'");
    }

    private static IEnumerable<int> IdsOf(TokenizerNode node, string token)
    {
        var entry = node.Object("special_tokens").Object(token);
        var ids = entry.Value("ids");
        if (ids.ValueKind != System.Text.Json.JsonValueKind.Array)
            throw entry.Unexpected("ids", "an array");
        return [.. ids.EnumerateArray().Select((id, i) => entry.Id(id, $"{entry.NameOf("ids")}[{i}]"))];
    }
}
