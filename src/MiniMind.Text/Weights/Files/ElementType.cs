namespace MiniMind;

/// <summary>A type of a stored tensor's elements.</summary>
/// <param name="Name">The safetensors format's name.</param>
/// <param name="DType">What the elements are read as; null if they are not read.</param>
/// <param name="Bits">Size of an element.</param>
internal sealed record ElementType(string Name, WeightDType? DType, int Bits)
{
    private static readonly ElementType[] Types =
    [
        new("F64", WeightDType.Float64, 64),
        new("F32", WeightDType.Float32, 32),
        new("F16", WeightDType.Float16, 16),
        new("BF16", WeightDType.BFloat16, 16),
        new("I64", WeightDType.Int64, 64),
        new("I32", WeightDType.Int32, 32),
        new("I16", WeightDType.Int16, 16),
        new("I8", WeightDType.Int8, 8),
        new("U8", WeightDType.UInt8, 8),
        new("BOOL", WeightDType.Boolean, 8),

        // Those of tensors that a model may have beside its weights: such a tensor does not keep the others from being read.
        new("C64", null, 64),
        new("C128", null, 128),
        new("U64", null, 64),
        new("U32", null, 32),
        new("U16", null, 16),
        new("F8_E5M2", null, 8),
        new("F8_E4M3", null, 8),
        new("F8_E8M0", null, 8),
        new("F6_E2M3", null, 6),
        new("F6_E3M2", null, 6),
        new("F4", null, 4),
    ];

    /// <summary>The names of those that are read.</summary>
    public static string Readable { get; } = string.Join(", ", Types.Where(t => t.DType is not null).Select(t => t.Name));

    /// <summary>The type of that name; null if the format has none.</summary>
    public static ElementType? Find(string name) => Array.Find(Types, t => t.Name == name);

    /// <summary>The type whose elements are these; null if the format has none.</summary>
    public static ElementType? Of(WeightDType dtype) => Array.Find(Types, t => t.DType == dtype);

    /// <summary>Bytes of an element of a type that the format has.</summary>
    public static int SizeOf(WeightDType dtype) => Of(dtype)!.Bits / 8;
}
