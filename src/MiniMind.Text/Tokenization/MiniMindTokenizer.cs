using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace MiniMind;

/// <summary>A MiniMind tokenizer: byte-level BPE with added tokens and a chat template, loaded from a Hugging Face directory. Gives the ids that
/// Hugging Face's tokenizers give, in time n·log n on any text. Safe for any number of threads.</summary>
/// <remarks>It is a <see cref="Tokenizer"/> of Microsoft.ML.Tokenizers. That package's own <c>BpeTokenizer</c> is exact too, but takes time
/// n² on text without spaces.</remarks>
public sealed partial class MiniMindTokenizer : Tokenizer
{
    /// <summary>File name of the vocabulary in a tokenizer directory.</summary>
    public const string TokenizerFileName = "tokenizer.json";

    /// <summary>File name of the settings in a tokenizer directory.</summary>
    public const string SettingsFileName = "tokenizer_config.json";

    private readonly TokenizerFiles _files;
    private readonly IReadOnlyDictionary<string, byte[]> _saved;
    private readonly TokenizerSettings _settings;
    private readonly TemplateTexts _templates;
    private readonly ChatTemplate? _chatTemplate;
    private readonly TokenizerFile _file;
    private readonly TextCutter _cutter;
    private readonly HashSet<int> _specialIds;
    private readonly Lazy<ContentMarkup> _markup;
    private readonly ConcurrentBag<WordEncoder> _encoders = [];

    internal MiniMindTokenizer(TokenizerFiles files, ChatTemplate? chatTemplate, TemplateTexts? templates = null)
    {
        _files = files;
        _settings = TokenizerSettings.Read(files);
        _file = TokenizerFile.Parse(files.Contents[TokenizerFileName], files.PathOf(TokenizerFileName), _settings);
        _templates = templates ?? TemplateTexts.Of(files);
        _chatTemplate = chatTemplate ?? (_templates.DefaultText is { } jinja ? MiniMind.ChatTemplate.Recognize(jinja) : null);
        ChatTemplateSource = chatTemplate is null || (_templates.DefaultText is { } text && MiniMind.ChatTemplate.Recognize(text) == chatTemplate)
            ? _templates.DefaultText
            : chatTemplate.Jinja;
        _saved = files.WithTemplate(ChatTemplateSource, _templates);
        _cutter = new TextCutter(_file);
        _markup = new Lazy<ContentMarkup>(() => new ContentMarkup(ChatTemplate, _file.AddedTokens));
        _specialIds = [.. _file.AddedTokens.Where(t => t.IsSpecial).Select(t => t.Id)];
        int? Id(string key) => !_settings.Roles.TryGetValue(key, out var token) ? null
            : TryGetId(token, out var id) ? id
            : throw new TokenizerException(files.PathOf(SettingsFileName), $"{key} is '{MessageText.Printable(token)}', which {TokenizerFileName} does not have");
        BosTokenId = Id("bos_token");
        EosTokenId = Id("eos_token");
        PadTokenId = Id("pad_token");
        UnknownTokenId = Id("unk_token");
    }

    /// <summary>The number of ids: the highest id + 1, which a model's vocabulary must at least have.</summary>
    public int VocabSize => _file.Model.Count;

    /// <summary>The tokens that are found in text before it is split.</summary>
    public IReadOnlyList<AddedToken> AddedTokens => _file.AddedTokens;

    /// <summary>Id of the token that begins a turn, if the settings name one.</summary>
    public int? BosTokenId { get; }

    /// <summary>Id of the token that ends a turn, if the settings name one.</summary>
    public int? EosTokenId { get; }

    /// <summary>Id of the padding token, if the settings name one.</summary>
    public int? PadTokenId { get; }

    /// <summary>Id of the unknown token, if the settings name one; byte-level encoding never gives it.</summary>
    public int? UnknownTokenId { get; }

    /// <summary>How conversations are rendered.</summary>
    /// <exception cref="ChatTemplateException">The settings have no chat template, or one that is not known.</exception>
    public ChatTemplate ChatTemplate => _chatTemplate ?? throw new ChatTemplateException(
        _templates.DefaultText is not null
            ? $"{_templates.Source}: the chat_template is none this library knows (MiniMind early 2025, MiniMind2, minimind-3, ChatML, Llama 3 and 3.1, Qwen2.5, " +
                "Qwen3, each as published). If it means one of these, give it to MiniMindTokenizer.FromDirectory (ChatTemplate.MiniMind2025, …); " +
                "otherwise derive a class of your own from ChatTemplate."
            : _templates.Texts.Count > 0
                ? $"{_templates.Source} has the chat templates {string.Join(", ", _templates.Texts.Keys.Select(MessageText.Printable))} and none named default; choose one with WithChatTemplate."
                : $"{_templates.Source} has no chat_template; give MiniMindTokenizer.FromDirectory a ChatTemplate.");

    /// <summary>The names of the chat templates that the tokenizer's files hold; the one named <c>default</c> is used unless
    /// <see cref="WithChatTemplate(string)"/> says otherwise.</summary>
    public IReadOnlyList<string> ChatTemplateNames => [.. _templates.Texts.Keys];

    /// <summary>How conversations are rendered, or none where that is not known.</summary>
    internal ChatTemplate? TemplateOrNone => _chatTemplate;

    /// <summary>Every token in the file's spelling, and its id.</summary>
    internal IReadOnlyDictionary<string, int> TokenIds => _file.Ids;

    /// <inheritdoc cref="TokenizerFile.Merges"/>
    internal IReadOnlyList<(int Left, int Right, int Id)> Merges => _file.Merges;

    /// <summary>Where the tokenizer comes from.</summary>
    internal string Source => _files.Source;

    /// <summary>How texts are treated, if GGUF files have a name for it.</summary>
    internal BpeFamily? Family => BpeFamily.Of(_file);

    /// <summary>The special tokens that are put around a text.</summary>
    internal SpecialTokenFrame Frame => _file.Frame;

    /// <summary>The chat template in use, in Jinja, or none: what is written into exported files.</summary>
    internal string? ChatTemplateSource { get; }

    /// <summary>What a reply looks like in the chat template, or in the reference's where the template is not known.</summary>
    internal ReasoningFormat ReplyFormat => _chatTemplate?.ReplyFormat ?? ReasoningFormat.ThinkThenAnswer;

    /// <summary>Loads <c>tokenizer.json</c> and, where they are there, <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c>, <c>added_tokens.json</c>
    /// and the chat template (<c>chat_template.jinja</c>, which goes first, or <c>chat_template.json</c>).</summary>
    /// <param name="directory">A Hugging Face tokenizer or model directory; its <c>tokenizer.json</c> has at most 64 MiB, each other file at most
    /// 16 MiB.</param>
    /// <param name="chatTemplate">Replaces the directory's chat template; none to recognise it.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="TokenizerException">A file is missing, too large, not readable, malformed, or asks for something that is not supported; the
    /// message names file and key.</exception>
    public static MiniMindTokenizer FromDirectory(string directory, ChatTemplate? chatTemplate = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return new MiniMindTokenizer(TokenizerFiles.Read(directory), chatTemplate);
    }

    /// <summary>The same tokenizer with another of the chat templates that its files hold (<see cref="ChatTemplateNames"/>).</summary>
    /// <param name="name">The template's name, such as <c>tool_use</c>.</param>
    /// <returns>A tokenizer that renders, and is saved, with that template.</returns>
    /// <exception cref="ChatTemplateException">There is none of that name.</exception>
    public MiniMindTokenizer WithChatTemplate(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!_templates.Texts.TryGetValue(name, out var text))
            throw new ChatTemplateException(_templates.Texts.Count == 0
                ? $"{_templates.Source} has no chat_template; expected one named {MessageText.Quoted(name)}"
                : $"{_templates.Source} has no chat template named {MessageText.Quoted(name)}; expected one of {string.Join(", ", _templates.Texts.Keys.Select(MessageText.Printable))}");
        var chosen = new SortedDictionary<string, string>(_templates.Texts.ToDictionary(), StringComparer.Ordinal) { [TemplateTexts.Default] = text };
        return new MiniMindTokenizer(_files, null, _templates with { Texts = chosen });
    }

    /// <summary>Writes the tokenizer's files as they were read or made, with the chat template in use in <c>tokenizer_config.json</c> (none if it is one of
    /// your own without <see cref="ChatTemplate.Jinja"/>: other programs then refuse to render, rather than render otherwise), replaced as a set: at every moment the directory holds the old ones or the new
    /// ones. Other files stay.</summary>
    /// <param name="directory">The directory; created if needed.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Save(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        AtomicDirectory.Write(directory, WriteFiles, OwnsFile);
    }

    /// <summary>Looks up a token.</summary>
    /// <param name="token">An added token's text, or an entry of the vocabulary in its byte-level spelling (<c>Ġthe</c>).</param>
    /// <param name="id">Its id.</param>
    /// <returns>Whether there is such a token.</returns>
    public bool TryGetId(string token, out int id) => _file.Ids.TryGetValue(token, out id);

    /// <summary>Whether an id is a special token, which steers the model and is left out of decoded text.</summary>
    /// <param name="id">A token id.</param>
    /// <returns>True for special tokens; false for others, added or not.</returns>
    public bool IsSpecial(int id) => _specialIds.Contains(id);

    /// <summary>Encodes text.</summary>
    /// <param name="text">The text; half a surrogate pair counts as U+FFFD.</param>
    /// <param name="allowSpecial">Whether text that spells an added token becomes that token; otherwise it is encoded as plain text.</param>
    /// <param name="addSpecialTokens">Whether the special tokens that the tokenizer's post-processor puts around a text are added, such as Llama 3's
    /// <c>&lt;|begin_of_text|&gt;</c>. Default true, as in Hugging Face's <c>encode</c>. MiniMind's own tokenizers have none.</param>
    /// <returns>Token ids.</returns>
    public int[] Encode(string text, bool allowSpecial = true, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = Encode(_cutter.Cut(text, allowSpecial), splitsWords: true);
        return addSpecialTokens && _file.Frame != SpecialTokenFrame.None ? [.. _file.Frame.Before, .. ids, .. _file.Frame.After] : [.. ids];
    }

    /// <summary>Renders a conversation with <see cref="ChatTemplate"/> and encodes it.</summary>
    /// <param name="turns">The turns, at least one.</param>
    /// <param name="options">Generation prompt, thinking, reasoning, and whether content is plain text; none for the defaults.</param>
    /// <param name="contentAsPlainText">Replaces <see cref="ChatTemplateOptions.ContentAsPlainText"/>; <see langword="null"/> (default) leaves it as the
    /// options have it.</param>
    /// <returns>Token ids. Where no text of a turn spells an added token, and no reasoning is kept apart from a reply of which the template makes
    /// something else than the reference's, they are those of Hugging Face's <c>apply_chat_template</c>.</returns>
    /// <exception cref="ChatTemplateException">There is no known chat template; or reasoning cannot be written without loss; or content is to be
    /// plain text but spells what opens or ends a turn, and the tokenizer has no added token for that.</exception>
    /// <exception cref="ArgumentException">There is no turn, or a role or the policy for reasoning is not known.</exception>
    public int[] EncodeChat(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions? options = null, bool? contentAsPlainText = null)
    {
        options ??= new ChatTemplateOptions();
        var segments = ChatTemplate.Render(turns, options);
        var text = string.Concat(segments.Select(s => s.Text));
        if (!(contentAsPlainText ?? options.ContentAsPlainText))
            return Encode(text, addSpecialTokens: false);
        _markup.Value.Check(turns, options);
        var content = new List<ContentRange>();
        var start = 0;
        foreach (var segment in segments)
        {
            if (segment.IsContent && segment.Text.Length > 0)
                content.Add(new ContentRange(start, start + segment.Text.Length, segment.IsReply));
            start += segment.Text.Length;
        }

        return [.. Encode(_cutter.Cut(text, allowSpecial: true, content, _markup.Value.IsReplyToken), splitsWords: true)];
    }

    /// <summary>Decodes ids; bytes that are no UTF-8 become U+FFFD.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecial">Whether special tokens are left out.</param>
    /// <returns>The text.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No token has such an id.</exception>
    public string Decode(IEnumerable<int> ids, bool skipSpecial)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var id in ids)
        {
            var token = BytesOf(id);
            if (!skipSpecial || !IsSpecial(id))
                bytes.Write(token);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>A decoder for ids that arrive one at a time.</summary>
    /// <param name="skipSpecial">Whether special tokens are left out.</param>
    /// <returns>A decoder for one text.</returns>
    public TokenTextDecoder CreateDecoder(bool skipSpecial = true) => new(this, skipSpecial);

    /// <summary>Whether a file of a model's folder belongs to its tokenizer: it goes when another tokenizer is written there, because other programs would
    /// read it before ours (transformers prefers <c>chat_template.jinja</c> to the template in the settings).</summary>
    internal static bool OwnsFile(string name) => name is TokenizerFileName or SettingsFileName or "special_tokens_map.json" or "added_tokens.json"
        or "chat_template.jinja" or "chat_template.json" or "tokenizer.model" or "vocab.json" or "merges.txt";

    /// <summary>Writes the files one by one, into a folder that is being filled.</summary>
    internal void WriteFiles(string directory)
    {
        foreach (var (name, content) in _saved)
            AtomicFile.Write(Path.Combine(directory, name), stream => stream.Write(content));
    }

    /// <summary>A hash of all that decides the ids of a conversation: the files, and what the chat template makes of a conversation, since a
    /// template of the application's own is in no file.</summary>
    internal byte[] Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, content) in _saved.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(SHA256.HashData(content));
        }

        ChatTurn[] turns =
        [
            new("system", "a"), new("user", "b"), new("assistant", "<think>\nc\n</think>\nd"),
            new("user", "e"), new("assistant", "f"), new("user", "g"), new("assistant", "h") { ReasoningContent = "i" },
        ];
        foreach (var segment in ChatTemplate.Render(turns))
            hash.AppendData(Encoding.UTF8.GetBytes($"{segment.IsContent}{segment.IsReply}{segment.Text}\0"));
        return hash.GetHashAndReset();
    }

    /// <summary>What a prompt has written of the assistant's turn that it leaves open; empty if it leaves none open, or the chat template is not known.
    /// Ids that are no tokens are passed over.</summary>
    internal string ReplyOpeningIn(IEnumerable<int> prompt) =>
        _chatTemplate?.OpeningIn(Decode(prompt.Where(_file.Model.Contains), skipSpecial: false)) ?? string.Empty;

    /// <summary>The UTF-8 bytes that an id stands for; none if no token has it.</summary>
    internal byte[] TextOf(long id) => id is >= 0 and < int.MaxValue && _file.Model.Contains((int)id) ? BytesOf((int)id) : [];

    internal byte[] BytesOf(int id) => _file.Model.BytesOf(id);

    private List<int> Encode(CutText text, bool splitsWords)
    {
        var ids = new List<int>((text.Text.Length / 3) + 8);
        if (!_encoders.TryTake(out var encoder))
            encoder = new WordEncoder(_file.Model);
        foreach (var piece in text.Pieces)
            if (piece.Token is { } token)
                ids.Add(token.Id);
            else
                Encode(text.Text.AsSpan(piece.Start, piece.Length), splitsWords, encoder, ids);
        if (encoder.IsReusable)
            _encoders.Add(encoder);
        return ids;
    }

    private void Encode(ReadOnlySpan<char> text, bool splitsWords, WordEncoder encoder, List<int> ids)
    {
        if (!splitsWords)
        {
            encoder.Append(text, ids);
            return;
        }

        if (_file.Splitter is WordByWordSplitter splitter)
        {
            for (var rest = text; rest.Length > 0;)
            {
                var word = splitter.FirstWordLength(rest);
                encoder.Append(rest[..word], ids);
                rest = rest[word..];
            }

            return;
        }

        encoder.Ends.Clear();
        _file.Splitter.Split(text, 0, encoder.Ends);
        var start = 0;
        foreach (var end in encoder.Ends)
        {
            encoder.Append(text[start..end], ids);
            start = end;
        }
    }
}
