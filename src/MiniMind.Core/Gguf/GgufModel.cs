using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Models for llama.cpp and what is built on it (Ollama, LM Studio, LLamaSharp): one GGUF file with weights, tokenizer and chat
/// template.</summary>
public static class GgufModel
{
    private const int QuantizationVersion = 2;

    /// <summary>Writes a GGUF file. Dense models become llama.cpp's <c>llama</c> (with query and key norms <c>qwen3</c>); a mixture of experts
    /// becomes <c>bailingmoe</c> with a shared expert, <c>llama</c> or <c>qwen3moe</c> without.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">File to write; it is replaced as a whole.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="options">Element type and more; F16 by default.</param>
    /// <exception cref="NotSupportedException">No architecture of llama.cpp computes the configuration; nothing was written.</exception>
    /// <exception cref="ArgumentException">The tokenizer has more ids than the model, or the element type is none of <see cref="GgufType"/>.</exception>
    /// <exception cref="NonFiniteModelException">A weight is not finite, or is beyond the range of the element type; nothing was written.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveGguf(this MiniMindLM model, string path, MiniMindTokenizer tokenizer, GgufOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tokenizer);
        options ??= new GgufOptions();
        options.Validate();
        if (tokenizer.VocabSize > model.Config.VocabSize)
            throw new ArgumentException($"the tokenizer has {tokenizer.VocabSize} ids; expected at most the model's {model.Config.VocabSize}", nameof(tokenizer));
        var architecture = GgufArchitecture.Find(model.Config);
        var tensors = Tensors(model, architecture, options.Type);
        model.Ownership.Use(() => GgufWriter.Write(
            path, Metadata(model.Config, architecture, tokenizer, options), tensors, WeightProgress.Counting(options.Progress, tensors.Count)));
    }

    /// <summary>Reads the tokenizer of a GGUF file, as <see cref="SaveGguf"/> writes it; the weights are <see cref="ModelWeights.LoadModel"/>'s to read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="chatTemplate">Replaces the file's chat template; none to recognise it.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="TokenizerException">The file has a tokenizer of another kind (SentencePiece, another way of splitting), or a key is missing or wrong.</exception>
    /// <inheritdoc cref="GgufFile.Open" path="/exception"/>
    public static MiniMindTokenizer LoadTokenizer(string path, ChatTemplate? chatTemplate = null)
    {
        using var file = GgufFile.Open(path);
        return GgufTokenizer.Read(file.Values, path, chatTemplate);
    }

    private static GgufMetadata Metadata(LMConfig config, GgufArchitecture architecture, MiniMindTokenizer tokenizer, GgufOptions options)
    {
        var metadata = new GgufMetadata();
        metadata.Add("general.architecture", architecture.Name);
        metadata.Add("general.type", "model");
        metadata.Add("general.name", options.Name);
        metadata.Add("general.file_type", options.Type switch { GgufType.F32 => 0, GgufType.F16 => 1, GgufType.Q8 => 7, _ => 32 });
        if (options.Type == GgufType.Q8)
            metadata.Add("general.quantization_version", QuantizationVersion);
        architecture.AddKeys(metadata, config);
        GgufTokenizer.Add(metadata, tokenizer, config.VocabSize);
        return metadata;
    }

    private static List<GgufTensor> Tensors(MiniMindLM model, GgufArchitecture architecture, GgufType type)
    {
        var state = model.state_dict();
        var tensors = new List<GgufTensor>();
        // A layer's experts, each named alike, are one tensor.
        foreach (var group in ModelTensor.List(model.Config).GroupBy(t => t.GgufName))
        {
            var parts = group.ToList();
            var isRouter = parts[0].GgufName.EndsWith("ffn_gate_inp.weight", StringComparison.Ordinal);
            var isStacked = parts[0].GgufName.EndsWith("_exps.weight", StringComparison.Ordinal);
            Tensor Weight(ModelTensor part) => FiniteWeights.Require(state[part.Name].detach(), part.Name, halved: type == GgufType.F16);
            tensors.Add(GgufTensor.Create(
                group.Key,
                isRouter ? GgufType.F32 : type,
                isStacked ? [parts.Count, .. parts[0].Shape] : parts[0].Shape,
                () => isStacked ? stack(parts.Select(Weight)) : InLayout(Weight(parts[0]), parts[0].RotaryHeads, architecture)));
        }

        if (architecture.NeedsOutput && !model.Config.UntiedOutput)
            tensors.Add(GgufTensor.Create("output.weight", type, [model.Config.VocabSize, model.Config.Dim], () => state[ModelTensor.Embedding]));
        if (architecture.RotaryDivisors(model.Config) is { } divisors)
            tensors.Add(GgufTensor.Create("rope_freqs.weight", type, [divisors.Length], () => tensor(divisors)));
        return tensors;
    }

    private static Tensor InLayout(Tensor weight, int rotaryHeads, GgufArchitecture architecture) =>
        architecture.TurnsHalves && rotaryHeads > 0 ? RotaryLayout.ToHalves(weight, rotaryHeads) : weight;
}
