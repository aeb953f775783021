using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;

namespace MiniMind;

/// <summary>Writes a model directory: everything beside its place first, then each file into its place.</summary>
internal sealed class ModelDirectoryWriter(MiniMindLM model, ModelSaveOptions options)
{
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
            () => options.Naming == WeightNaming.HuggingFace && t.RotaryHeads > 0 ? RotaryLayout.ToHalves(state[t.Name].detach(), t.RotaryHeads) : state[t.Name]))];
    }

    public void Write(string directory)
    {
        var config = options.Naming == WeightNaming.HuggingFace
            ? HuggingFaceConfigWriter.Write(model.Config, options.DType, options.Tokenizer)
            : model.Config.ToJson();
        Directory.CreateDirectory(directory);
        var stage = Directory.CreateDirectory(Path.Combine(directory, $".{Guid.NewGuid():N}.tmp")).FullName;
        try
        {
            var weights = WriteWeights(stage);
            AtomicFile.WriteAllText(Path.Combine(stage, ModelWeights.ConfigFile), config);
            options.Tokenizer?.Save(stage);
            if (options is { Naming: WeightNaming.HuggingFace, Tokenizer: { } tokenizer })
                AtomicFile.WriteAllText(Path.Combine(stage, "generation_config.json"), GenerationConfig(tokenizer));
            Publish(stage, directory, weights);
        }
        finally
        {
            Directory.Delete(stage, recursive: true);
        }
    }

    private static void Publish(string stage, string directory, List<string> weights)
    {
        foreach (var name in weights.Concat(Directory.EnumerateFiles(stage).Select(f => Path.GetFileName(f)).Except(weights)).ToList())
            File.Move(Path.Combine(stage, name), Path.Combine(directory, name), overwrite: true);
        foreach (var old in Directory.EnumerateFiles(directory, "model*").Where(f => IsWeights(Path.GetFileName(f)) && !weights.Contains(Path.GetFileName(f))).ToList())
            File.Delete(old);
    }

    private static bool IsWeights(string name) =>
        name is WeightFile.SafeTensors or WeightFile.SafeTensors + WeightFile.IndexSuffix
        || (name.Length == ShardName(1, 1).Length && name.StartsWith("model-", StringComparison.Ordinal) && name.EndsWith(".safetensors", StringComparison.Ordinal));

    private static string ShardName(int number, int count) =>
        string.Create(CultureInfo.InvariantCulture, $"model-{number:D5}-of-{count:D5}.safetensors");

    private List<string> WriteWeights(string folder)
    {
        var tensors = ListTensors(model, options);
        var written = WeightProgress.Counting(options.Progress, tensors.Count);
        var shards = Split(tensors);
        List<string> names = shards.Count == 1 ? [WeightFile.SafeTensors] : [.. shards.Select((_, i) => ShardName(i + 1, shards.Count))];
        for (var i = 0; i < shards.Count; i++)
            new SafeTensorsWriter(shards[i], Metadata, written).Write(Path.Combine(folder, names[i]));
        if (shards.Count > 1)
        {
            names.Add(WeightFile.SafeTensors + WeightFile.IndexSuffix);
            AtomicFile.WriteAllText(Path.Combine(folder, names[^1]), Index(shards));
        }

        return names;
    }

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

    private static string Index(List<List<TensorSource>> shards) => new JsonObject
    {
        ["metadata"] = new JsonObject { ["total_size"] = shards.Sum(s => s.Sum(t => t.Length)) },
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
