using System.Text.Json;
using System.Text.Json.Nodes;

namespace MiniMind;

/// <summary>Reads a <c>config.json</c> with the reference's keys: MiniMind of 2024 and of early 2025, and what this library writes.</summary>
internal static class ReferenceConfig
{
    /// <summary>The rotary base that MiniMind of 2024 has in its code; the configuration files that it saved do not name it, those of 2025 do.</summary>
    private const double RopeThetaOf2024 = 1e4;

    private const string RopeScalingKey = "rope_scaling";

    private static readonly string[] Sizes = ["dim", "n_layers", "n_heads", "vocab_size"];

    /// <summary>What transformers writes into the files it saves. A file without any of these was written by hand, and what it leaves out has
    /// <see cref="LMConfig"/>'s own defaults.</summary>
    private static readonly string[] MarksOfPublishedFiles = ["model_type", "transformers_version", "architectures"];

    /// <exception cref="LMConfigException">It is no object, is another model's, or lacks what decides the numbers.</exception>
    /// <exception cref="JsonException">A value has the wrong type.</exception>
    public static LMConfig Read(JsonElement root, string? source)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new LMConfigException(source, [$"expected a JSON object, found {root.Shown()}"]);
        if (Has(root, "model_type") && root.GetProperty("model_type") is var type && !(type.ValueKind == JsonValueKind.String && type.ValueEquals("minimind")))
            throw new LMConfigException(source, [$"model_type is {type.Shown()}; expected {HuggingFaceConfig.ModelTypes}"]);
        if (!Sizes.Any(key => Has(root, key)))
            throw new LMConfigException(
                source, [$"it has neither hidden_size, as Hugging Face's files of {HuggingFaceConfig.ModelTypes} have, nor any of {string.Join(", ", Sizes)}, as MiniMind's have"]);
        var config = WithDefaults(root).Deserialize(LMConfigJson.Default.LMConfig)!;
        List<string> faults = [.. Sizes.Where(key => !Has(root, key)).Select(key => $"{key} is missing; expected a whole number")];
        if (faults.Count > 0)
            throw new LMConfigException(source, faults);
        var isOf2024 = !Has(root, "rope_theta") && MarksOfPublishedFiles.Any(key => Has(root, key));
        return isOf2024 ? config with { RopeTheta = RopeThetaOf2024 } : config;
    }

    private static bool Has(JsonElement root, string key) => root.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>All keys: in generated code, properties that are set once lose the default of a key that is missing.</summary>
    private static JsonObject WithDefaults(JsonElement given)
    {
        var all = JsonSerializer.SerializeToNode(new LMConfig { RopeScaling = new RopeScaling() }, LMConfigJson.Default.LMConfig)!.AsObject();
        var scaling = all[RopeScalingKey]!.AsObject();
        all[RopeScalingKey] = null;
        foreach (var property in given.EnumerateObject())
        {
            if (property is not { Name: RopeScalingKey, Value.ValueKind: JsonValueKind.Object })
            {
                all[property.Name] = Node(property.Value);
                continue;
            }

            foreach (var inner in property.Value.EnumerateObject())
                scaling[inner.Name] = Node(inner.Value);
            all[RopeScalingKey] = scaling.DeepClone();
        }

        return all;
    }

    private static JsonNode? Node(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(value),
        JsonValueKind.Array => JsonArray.Create(value),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(value),
    };
}
