using System.Text;
using System.Text.Json;

namespace MiniMind;

/// <summary>What a Hugging Face <c>tokenizer.json</c> says, checked: a byte-level BPE model, as MiniMind's, GPT-2's, Llama 3's and Qwen's tokenizers are.
/// Anything that would change ids and is not done here is an error that names its key.</summary>
internal sealed class TokenizerFile
{
    private readonly TokenizerNode _root;

    private TokenizerFile(TokenizerNode root, TokenizerSettings settings)
    {
        _root = root;
        var model = root.Object("model");
        CheckModel(model);
        IsComposed = NormalizerReader.ReadsComposed(root);
        Splitter = PreTokenizerReader.Read(root);
        Ids = ReadVocabulary(model.Object("vocab"));
        IgnoresMerges = model.Flag("ignore_merges");
        var words = IgnoresMerges ? Ids.ToList() : [];
        AddedTokens = AddedTokenReader.ReadAll(root, settings, Ids);
        Merges = ReadMerges(model);
        Model = new BpeModel(ByteIds(), Merges, TokenBytes(), WholeWords(words));
        Frame = settings.FramesByFlags ? FrameOf(settings) : SpecialTokenFrame.Read(root);
        foreach (var id in (int[])[.. Frame.Before, .. Frame.After])
            if (!Model.Contains(id))
                throw root.Fault($"post_processor puts the id {id} around texts, which no token has");
    }

    /// <summary>Vocabulary and added tokens, as written in the file.</summary>
    public Dictionary<string, int> Ids { get; }

    public IReadOnlyList<AddedToken> AddedTokens { get; }

    /// <summary>Pairs of ids and what they become, the first to be merged first.</summary>
    public IReadOnlyList<(int Left, int Right, int Id)> Merges { get; }

    public BpeModel Model { get; }

    /// <summary>Whether text is composed (NFC) before it is split.</summary>
    public bool IsComposed { get; }

    /// <summary>Whether a word that is a token needs no merges.</summary>
    public bool IgnoresMerges { get; }

    /// <summary>How text is split into words.</summary>
    public WordSplitter Splitter { get; }

    /// <summary>What is put around a text.</summary>
    public SpecialTokenFrame Frame { get; }

    /// <param name="json">The file's content, with or without a byte-order mark.</param>
    /// <param name="source">The file.</param>
    /// <param name="settings">What the other files of its directory say.</param>
    /// <exception cref="TokenizerException">The JSON is malformed, or something in it is wrong or not supported.</exception>
    public static TokenizerFile Parse(ReadOnlyMemory<byte> json, string source, TokenizerSettings settings) =>
        TokenizerNode.Parse(json, source, root => new TokenizerFile(root, settings));

    private static void CheckModel(TokenizerNode model)
    {
        var type = model.Text("type");
        if (type != "BPE")
            throw model.Fault(
                $"model.type is '{MessageText.Printable(type)}'; expected 'BPE'" +
                (type == "Unigram" ? ". This is a SentencePiece tokenizer, which is not supported: only byte-level BPE is" : string.Empty));
        if (model.Flag("byte_fallback"))
            throw model.Fault(
                "model.byte_fallback is true; expected false. This is a tokenizer made from SentencePiece (Llama 2, Mistral, Gemma), which is not supported: only byte-level BPE is");
        if (model.Has("dropout") && !(model.Value("dropout") is { ValueKind: JsonValueKind.Number } dropout && dropout.GetDouble() == 0))
            throw model.Unexpected("dropout", "null");
        foreach (var key in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            if (model.Has(key) && model.Text(key).Length > 0)
                throw model.Unexpected(key, "null");
    }

    private SpecialTokenFrame FrameOf(TokenizerSettings settings)
    {
        int[] Token(bool isAdded, string? token) => isAdded && token is not null && Ids.TryGetValue(token, out var id) ? [id] : [];
        return new(Token(settings.AddsBos, settings.BosToken), Token(settings.AddsEos, settings.EosToken));
    }

    private static Dictionary<string, int> ReadVocabulary(TokenizerNode vocab)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var tokens = new Dictionary<int, string>();
        foreach (var entry in vocab.Element.EnumerateObject())
        {
            var id = vocab.Id(entry.Value, $"model.vocab['{MessageText.Printable(entry.Name)}']");
            if (!ids.TryAdd(entry.Name, id))
                throw vocab.Fault($"model.vocab has '{MessageText.Printable(entry.Name)}' twice");
            if (!tokens.TryAdd(id, entry.Name))
                throw vocab.Fault($"model.vocab gives the id {id} to '{MessageText.Printable(tokens[id])}' and to '{MessageText.Printable(entry.Name)}'");
        }

        return ids;
    }

    private List<(int Left, int Right, int Id)> ReadMerges(TokenizerNode model)
    {
        var list = model.Value("merges");
        if (list.ValueKind != JsonValueKind.Array)
            throw model.Unexpected("merges", "an array");
        var merges = new List<(int Left, int Right, int Id)>(list.GetArrayLength());
        foreach (var entry in list.EnumerateArray())
        {
            string[] pair = entry.ValueKind switch
            {
                JsonValueKind.String => entry.GetString()!.Split(' '),
                JsonValueKind.Array when entry.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String) =>
                    [.. entry.EnumerateArray().Select(e => e.GetString()!)],
                _ => [],
            };
            if (pair.Length != 2)
                throw model.Fault($"model.merges[{merges.Count}] is {entry.Shown()}; expected two tokens, as \"a b\" or [\"a\", \"b\"]");
            merges.Add((MergeId(pair[0], merges.Count), MergeId(pair[1], merges.Count), MergeId(pair[0] + pair[1], merges.Count)));
        }

        return merges;
    }

    private int MergeId(string token, int merge) => Ids.TryGetValue(token, out var id)
        ? id
        : throw _root.Fault($"model.merges[{merge}] needs the token '{MessageText.Printable(token)}', which model.vocab lacks");

    private int[] ByteIds()
    {
        var ids = new int[256];
        for (var b = 0; b < ids.Length; b++)
        {
            var token = ByteAlphabet.Characters[b].ToString();
            ids[b] = Ids.TryGetValue(token, out var id) ? id : throw _root.Fault($"model.vocab lacks '{token}' (byte {b}); expected a token for every byte");
        }

        return ids;
    }

    private byte[]?[] TokenBytes()
    {
        var bytes = new byte[Ids.Values.Max() + 1][];
        foreach (var (token, id) in Ids)
            bytes[id] = ByteAlphabet.TryGetBytes(token, out var mapped) ? mapped : Encoding.UTF8.GetBytes(token);
        foreach (var token in AddedTokens)
            bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);
        return bytes;
    }

    /// <summary>The words that are tokens without any merge. Special tokens are none of them: plain text never becomes one.</summary>
    private List<(byte[] Bytes, int Id)> WholeWords(List<KeyValuePair<string, int>> words)
    {
        var special = AddedTokens.Where(t => t.IsSpecial).Select(t => t.Id).ToHashSet();
        var whole = new List<(byte[] Bytes, int Id)>(words.Count);
        foreach (var (token, id) in words)
            if (!special.Contains(id) && ByteAlphabet.TryGetBytes(token, out var bytes))
                whole.Add((bytes, id));
        return whole;
    }
}
