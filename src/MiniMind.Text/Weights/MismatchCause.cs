namespace MiniMind;

/// <summary>Why weights do not fit, where their names tell: a sentence before the list of what is missing.</summary>
internal static class MismatchCause
{
    private static readonly (string[] Parts, string Cause)[] Signs =
    [
        (["lora_A", "lora_B", "lora_embedding_A", "lora_magnitude_vector"], "it holds an adapter (LoRA) and not a model; merge the adapter into its model first"),
        (["qweight", "qzeros", "scales", "g_idx", "absmax", "quant_map", "quant_state", "weight_scale", "weight_scale_inv", "SCB"],
            "its weights are quantised; take the model they were made from"),
        (["wte", "wpe", "h", "query_key_value", "dense_h_to_4h", "fc1", "encoder", "vision_tower", "vision_model"], "it is another architecture's model"),
    ];

    /// <summary>The cause with what separates it from the list, or nothing.</summary>
    public static string Of(IWeightFile file)
    {
        var parts = file.Tensors.Keys.SelectMany(name => name.Split('.')).ToHashSet(StringComparer.Ordinal);
        return Array.Find(Signs, sign => sign.Parts.Any(parts.Contains)).Cause is { } cause ? cause + ". " : string.Empty;
    }
}
