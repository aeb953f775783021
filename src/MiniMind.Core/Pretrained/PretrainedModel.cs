namespace MiniMind;

/// <summary>A model with all that belongs to it: its tokenizer and chat template, and how it is meant to speak.</summary>
public sealed class PretrainedModel : IDisposable
{
    private PretrainedModel(string path, MiniMindLM model, MiniMindTokenizer tokenizer, GenerationOptions generation, IReadOnlyList<string> unused)
    {
        (Path, Model, Tokenizer, Generation, IgnoredGenerationKeys) = (path, model, tokenizer, generation, unused);
    }

    /// <summary>The folder or file that was read.</summary>
    public string Path { get; }

    /// <summary>The model, on the CPU in fp32 and in evaluation mode. Disposed with this object.</summary>
    public MiniMindLM Model { get; }

    /// <summary>Its tokenizer, with its chat template.</summary>
    public MiniMindTokenizer Tokenizer { get; }

    /// <summary>How the model's makers let it speak (<c>generation_config.json</c>), with every token that ends a reply. Greedy where they say nothing.</summary>
    public GenerationOptions Generation { get; }

    /// <summary>Keys of <c>generation_config.json</c> that ask for what this library does not do, such as <c>num_beams</c>; usually none.</summary>
    public IReadOnlyList<string> IgnoredGenerationKeys { get; }

    /// <summary>Loads a model with its tokenizer.</summary>
    /// <param name="path">A model folder of the reference or of Hugging Face; a folder of Hugging Face's cache (<c>models--organisation--name</c>), of which the
    /// snapshot of <c>main</c> is taken; a weight file, whose tokenizer lies beside it; or a GGUF file.</param>
    /// <param name="chatTemplate">Replaces the chat template; none to recognise it.</param>
    /// <returns>The model and what belongs to it.</returns>
    /// <exception cref="LMConfigException">A configuration is missing, wrong, or asks for what this library does not compute.</exception>
    /// <exception cref="TokenizerException">The tokenizer is missing, damaged, asks for what is not supported, or has more tokens than the model.</exception>
    /// <exception cref="IOException">There is no such file or folder (<see cref="FileNotFoundException"/>), or it cannot be read.</exception>
    /// <exception cref="WeightFileException">The weights are malformed or not finite.</exception>
    /// <exception cref="WeightMismatchException">The weights are not those of the configured model.</exception>
    public static PretrainedModel Load(string path, ChatTemplate? chatTemplate = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = PretrainedFolder.Resolve(path);
        var isGguf = path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
        var folder = Directory.Exists(path) ? path : System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        // The tokenizer first: it is small, and what is wrong with it is said before minutes are spent on weights.
        var tokenizer = isGguf ? GgufModel.LoadTokenizer(path, chatTemplate) : MiniMindTokenizer.FromDirectory(folder, chatTemplate);
        var model = ModelWeights.LoadModel(path);
        try
        {
            if (tokenizer.VocabSize > model.Config.VocabSize)
                throw new TokenizerException(path, $"the tokenizer has {tokenizer.VocabSize} tokens and the model {model.Config.VocabSize}; expected at most as many");
            var ends = EndTokens(tokenizer);
            var (generation, unused) = isGguf
                ? (ends.Count == 0 ? new GenerationOptions() : new GenerationOptions { StopTokens = ends }, [])
                : GenerationConfigFile.Read(folder, ends, model.Config.VocabSize);
            return new PretrainedModel(path, model, tokenizer, generation, unused);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Lets the model speak; give it <see cref="Generation"/>, or what you make of it.</summary>
    /// <returns>A generator, which is the caller's to dispose before this object.</returns>
    public TextGenerator CreateGenerator() => new(Model, Tokenizer);

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private static List<int> EndTokens(MiniMindTokenizer tokenizer)
    {
        var ends = new List<int>();
        if (tokenizer.EosTokenId is { } end)
            ends.Add(end);
        if (tokenizer.TemplateOrNone is { } template && tokenizer.TryGetId(template.EndOfTurn, out var endOfTurn) && !ends.Contains(endOfTurn))
            ends.Add(endOfTurn);
        return ends;
    }
}
