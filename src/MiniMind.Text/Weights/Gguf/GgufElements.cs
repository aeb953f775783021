namespace MiniMind;

/// <summary>ggml's element types.</summary>
internal static class GgufElements
{
    private static readonly Dictionary<uint, ElementType> Types = new()
    {
        [(uint)GgufType.F32] = new("F32", WeightDType.Float32, 32),
        [(uint)GgufType.F16] = new("F16", WeightDType.Float16, 16),
        [(uint)GgufType.BF16] = new("BF16", WeightDType.BFloat16, 16),

        // Read as what its blocks say.
        [(uint)GgufType.Q8] = new("Q8_0", WeightDType.Float32, 0),
    };

    private static readonly Dictionary<uint, string> Others = new()
    {
        [2] = "Q4_0",
        [3] = "Q4_1",
        [6] = "Q5_0",
        [7] = "Q5_1",
        [9] = "Q8_1",
        [10] = "Q2_K",
        [11] = "Q3_K",
        [12] = "Q4_K",
        [13] = "Q5_K",
        [14] = "Q6_K",
        [15] = "Q8_K",
        [16] = "IQ2_XXS",
        [17] = "IQ2_XS",
        [18] = "IQ3_XXS",
        [19] = "IQ1_S",
        [20] = "IQ4_NL",
        [21] = "IQ3_S",
        [22] = "IQ2_S",
        [23] = "IQ4_XS",
        [24] = "I8",
        [25] = "I16",
        [26] = "I32",
        [27] = "I64",
        [28] = "F64",
        [29] = "IQ1_M",
        [34] = "TQ1_0",
        [35] = "TQ2_0",
        [39] = "MXFP4",
    };

    /// <summary>The type of that number; one that is not read has no <see cref="ElementType.DType"/>.</summary>
    public static ElementType Find(uint number) =>
        Types.GetValueOrDefault(number) ?? new ElementType(Others.GetValueOrDefault(number) ?? $"type {number}", null, 0);

    /// <summary>Bytes of a tensor, or null for a type that is not read or rows that are no whole blocks.</summary>
    public static long? Length(ElementType type, long[] shape)
    {
        var count = shape.Aggregate(1L, (product, size) => checked(product * size));
        return type switch
        {
            { DType: null } => null,
            { Bits: 0 } => shape[^1] % Q8Block.Size == 0 ? count / Q8Block.Size * Q8Block.Bytes : null,
            _ => checked(count * (type.Bits / 8)),
        };
    }
}
