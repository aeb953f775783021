namespace MiniMind;

/// <summary>The files of a tokenizer as they were read or made. They are saved as they are.</summary>
/// <param name="Source">Their directory, or what else tells where they come from.</param>
/// <param name="Contents">Content by name.</param>
internal sealed record TokenizerFiles(string Source, IReadOnlyDictionary<string, byte[]> Contents)
{
    public const string Vocabulary = MiniMindTokenizer.TokenizerFileName;

    public const string Settings = MiniMindTokenizer.SettingsFileName;

    public const string SpecialTokensMap = "special_tokens_map.json";

    public const string AddedTokens = "added_tokens.json";

    public const string TemplateJinja = "chat_template.jinja";

    public const string TemplateJson = "chat_template.json";

    private const string FurtherTemplates = "additional_chat_templates";

    // A vocabulary of 256,000 tokens with its merges has 34 million bytes.
    private const int MostVocabularyBytes = 1 << 26;
    private const int MostOtherBytes = 1 << 24;

    private static readonly string[] Optional = [Settings, SpecialTokensMap, AddedTokens, TemplateJinja, TemplateJson];

    /// <summary>The files of a tokenizer that was made here.</summary>
    public TokenizerFiles(string source, byte[] vocabulary, byte[] settings)
        : this(source, new Dictionary<string, byte[]> { [Vocabulary] = vocabulary, [Settings] = settings })
    {
    }

    /// <summary>Reads a directory.</summary>
    /// <exception cref="TokenizerException">The directory or <c>tokenizer.json</c> is missing, or a file is too large or not readable.</exception>
    public static TokenizerFiles Read(string directory)
    {
        CommittedFolder.FinishIn(directory);
        if (!Directory.Exists(directory))
            throw new TokenizerException(directory, File.Exists(directory)
                ? $"it is a file; expected the folder that holds {Vocabulary}"
                : $"there is neither a file nor a folder of that name; expected a folder that holds {Vocabulary}");
        if (!Path.Exists(Path.Combine(directory, Vocabulary)) && OtherKind(directory) is { } other)
            throw new TokenizerException(directory, other);
        var contents = new Dictionary<string, byte[]> { [Vocabulary] = ReadFile(Path.Combine(directory, Vocabulary), MostVocabularyBytes) };
        foreach (var name in Optional)
            if (Path.Exists(Path.Combine(directory, name)))
                contents[name] = ReadFile(Path.Combine(directory, name), MostOtherBytes);
        var further = Path.Combine(directory, FurtherTemplates);
        if (Directory.Exists(further))
            foreach (var path in Directory.EnumerateFiles(further, "*.jinja"))
                contents[$"{FurtherTemplates}/{Path.GetFileName(path)}"] = ReadFile(path, MostOtherBytes);
        return new TokenizerFiles(directory, contents);
    }

    /// <summary>Whether a name is that of a template beside the default one.</summary>
    public static bool IsFurtherTemplate(string name) => name.StartsWith(FurtherTemplates, StringComparison.Ordinal);

    /// <summary>What is saved: the files with the template in use in the settings, and in no other place.</summary>
    /// <param name="jinja">The template in use, or none.</param>
    /// <param name="templates">The templates that the files have.</param>
    /// <exception cref="TokenizerException">The settings cannot be written again.</exception>
    public IReadOnlyDictionary<string, byte[]> WithTemplate(string? jinja, TemplateTexts templates)
    {
        if (templates.DefaultText == jinja && templates.Texts.Count <= 1 && templates.Source == PathOf(Settings))
            return Contents;
        var saved = Contents.Where(f => f.Key is not (TemplateJinja or TemplateJson) && !IsFurtherTemplate(f.Key)).ToDictionary();
        if (TemplateExport.Into(saved.GetValueOrDefault(Settings), jinja, PathOf(Settings)) is { } settings)
            saved[Settings] = settings;
        return saved;
    }

    /// <summary>Where a file is, for messages.</summary>
    public string PathOf(string name) => Path.Combine(Source, name);

    private static byte[] ReadFile(string path, int most) =>
        RegularFile.ReadAllBytes(path, most, (problem, cause) => new TokenizerException(path, problem, cause));

    private static string? OtherKind(string directory)
    {
        if (Path.Exists(Path.Combine(directory, "tokenizer.model")))
            return $"the folder has no {Vocabulary}, but a tokenizer.model, which is SentencePiece's format or tiktoken's; expected {Vocabulary} with byte-level BPE";
        return Path.Exists(Path.Combine(directory, "vocab.json")) && Path.Exists(Path.Combine(directory, "merges.txt"))
            ? $"the folder has no {Vocabulary}, but vocab.json and merges.txt, which do not say how text is split; expected {Vocabulary}, which " +
              "AutoTokenizer.from_pretrained(...).save_pretrained(...) of Hugging Face's library writes beside them"
            : null;
    }
}
