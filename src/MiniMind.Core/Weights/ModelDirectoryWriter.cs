using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;

namespace MiniMind;

/// <summary>Writes a model directory, all of it or nothing.</summary>
internal sealed class ModelDirectoryWriter(MiniMindLM model, ModelSaveOptions options)
{
    private const string GenerationConfigFile = "generation_config.json";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    // Transformers refuses safetensors files that do not say which framework's tensors they hold.
    public static IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string> { ["format"] = "pt" };

    /// <summary>A model's weights as they are to be written.</summary>
    public static IReadOnlyList<TensorSource> ListTensors(MiniMindLM model, ModelSaveOptions options)
    {
        var state = model.state_dict();
        return [.. ModelTensor.List(model.Config).Select(t => new TensorSource(
            t.NameIn(options.Naming),
            options.DType,
            t.Shape,
            () => InLayout(FiniteWeights.Require(state[t.Name], t.Name, halved: options.DType == torch.ScalarType.Float16), t, options.Naming)))];
    }

    private static torch.Tensor InLayout(torch.Tensor weight, ModelTensor tensor, WeightNaming naming) =>
        naming == WeightNaming.HuggingFace && tensor.RotaryHeads > 0 ? RotaryLayout.ToHalves(weight.detach(), tensor.RotaryHeads) : weight;

    private readonly string _config = options.Naming == WeightNaming.HuggingFace
        ? HuggingFaceConfigWriter.Write(model.Config, DTypeName(options.DType), options.Tokenizer)
        : model.Config.ToJson();

    public void Write(string directory) => AtomicDirectory.Write(directory, WriteFiles, Replaces);

    /// <summary>Writes the files into an empty folder.</summary>
    public void WriteFiles(string folder)
    {
        WriteWeights(folder);
        AtomicFile.WriteAllText(Path.Combine(folder, ModelWeights.ConfigFile), _config);
        options.Tokenizer?.WriteFiles(folder);
        if (options is { Naming: WeightNaming.HuggingFace, Tokenizer: { } tokenizer })
            AtomicFile.WriteAllText(Path.Combine(folder, GenerationConfigFile), GenerationConfig(tokenizer));
    }

    /// <summary>A tokenizer that this save does not write stays.</summary>
    private bool Replaces(string name) => name == ModelWeights.ConfigFile || IsWeights(name)
        || (options.Tokenizer is not null
            && (MiniMindTokenizer.OwnsFile(name)
                || (name == GenerationConfigFile && options.Naming == WeightNaming.HuggingFace)));

    private static bool IsWeights(string name) =>
        name is WeightFile.SafeTensors or WeightFile.SafeTensors + WeightFile.IndexSuffix
        || (name.Length == ShardName(1, 1).Length && name.StartsWith("model-", StringComparison.Ordinal) && name.EndsWith(".safetensors", StringComparison.Ordinal));

    private static string ShardName(int number, int count) =>
        string.Create(CultureInfo.InvariantCulture, $"model-{number:D5}-of-{count:D5}.safetensors");

    private void WriteWeights(string folder)
    {
        var tensors = ListTensors(model, options);
        var written = WeightProgress.Counting(options.Progress, tensors.Count);
        var shards = Split(tensors);
        if (shards.Count == 1)
        {
            new SafeTensorsWriter(shards[0], Metadata, written).Write(Path.Combine(folder, WeightFile.SafeTensors));
            return;
        }

        // Parts of two models that somebody mixed in copying fit together by name and shape; only this tells them apart.
        var save = Temporary.NewId();
        var metadata = new Dictionary<string, string>(Metadata) { [ShardedWeightFile.SaveKey] = save };
        for (var i = 0; i < shards.Count; i++)
            new SafeTensorsWriter(shards[i], metadata, written).Write(Path.Combine(folder, ShardName(i + 1, shards.Count)));
        AtomicFile.WriteAllText(Path.Combine(folder, WeightFile.SafeTensors + WeightFile.IndexSuffix), Index(shards, save));
    }

    private static string DTypeName(torch.ScalarType dtype) =>
        dtype switch { torch.ScalarType.BFloat16 => "bfloat16", torch.ScalarType.Float16 => "float16", _ => "float32" };

    private List<List<TensorSource>> Split(IReadOnlyList<TensorSource> tensors)
    {
        List<List<TensorSource>> shards = [[]];
        var size = 0L;
        foreach (var tensor in tensors)
        {
            if (shards[^1].Count > 0 && size + tensor.Length > options.MaxShardBytes)
            {
                shards.Add([]);
                size = 0;
            }

            shards[^1].Add(tensor);
            size += tensor.Length;
        }

        return shards;
    }

    private static string Index(List<List<TensorSource>> shards, string save) => new JsonObject
    {
        ["metadata"] = new JsonObject { ["total_size"] = shards.Sum(s => s.Sum(t => t.Length)), [ShardedWeightFile.SaveKey] = save },
        ["weight_map"] = new JsonObject(shards.SelectMany((shard, i) =>
            shard.Select(t => KeyValuePair.Create(t.Name, (JsonNode?)ShardName(i + 1, shards.Count)))).OrderBy(t => t.Key, StringComparer.Ordinal)),
    }.ToJsonString(Json);

    private static string GenerationConfig(MiniMindTokenizer tokenizer) => new JsonObject
    {
        ["bos_token_id"] = tokenizer.BosTokenId,
        ["eos_token_id"] = tokenizer.EosTokenId,
        ["pad_token_id"] = tokenizer.PadTokenId,
    }.ToJsonString(Json);
}
