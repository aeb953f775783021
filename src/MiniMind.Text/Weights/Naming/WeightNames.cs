namespace MiniMind;

/// <summary>A file's tensors by the names that their model gives them, whatever wrappers have put before or between the parts of the names:
/// <c>torch.compile</c> (<c>_orig_mod.</c>), data parallel (<c>module.</c>), and modules that hold the model (<c>model.</c>).</summary>
internal sealed class WeightNames
{
    private static readonly string[] Wrappers = ["_orig_mod", "module"];

    private static readonly string[] HuggingFaceParts = ["embed_tokens", "self_attn", "mlp", "input_layernorm", "post_attention_layernorm", "lm_head"];

    private readonly Dictionary<string, WeightInfo> _tensors = new(StringComparer.Ordinal);

    /// <exception cref="WeightFileException">Two names differ in their wrappers only.</exception>
    public WeightNames(IWeightFile file)
    {
        var isHuggingFace = false;
        foreach (var tensor in file.Tensors.Values)
        {
            var name = Plain(tensor.Name);
            if (!_tensors.TryAdd(name, tensor))
                throw new WeightFileException(file.FilePath, tensor.Name, $"it and {MessageText.Printable(_tensors[name].Name)} are the same weight; expected one of them");
            isHuggingFace |= name.Split('.').Any(HuggingFaceParts.Contains);
        }

        Naming = isHuggingFace ? WeightNaming.HuggingFace : WeightNaming.Reference;
    }

    /// <summary>The naming that the names follow.</summary>
    public WeightNaming Naming { get; }

    /// <summary>All tensors by their plain names.</summary>
    public IReadOnlyDictionary<string, WeightInfo> Tensors => _tensors;

    /// <summary>The file's tensor for a weight, or null.</summary>
    public WeightInfo? Find(ModelTensor tensor) => Find(tensor.NameIn(Naming));

    /// <summary>The file's tensor for a name of <see cref="Naming"/>, or null.</summary>
    public WeightInfo? Find(string name) => _tensors.GetValueOrDefault(Plain(name));

    private static string Plain(string name)
    {
        var parts = name.Split('.').Where(part => !Wrappers.Contains(part)).SkipWhile(part => part == "model");
        return string.Join('.', parts);
    }
}
