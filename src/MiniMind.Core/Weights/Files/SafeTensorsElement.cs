using TorchSharp;

namespace MiniMind;

/// <summary>The element types of the safetensors format that TorchSharp has too.</summary>
internal static class SafeTensorsElement
{
    private static readonly (string Name, torch.ScalarType DType, int Size)[] Types =
    [
        ("F64", torch.ScalarType.Float64, 8),
        ("F32", torch.ScalarType.Float32, 4),
        ("F16", torch.ScalarType.Float16, 2),
        ("BF16", torch.ScalarType.BFloat16, 2),
        ("I64", torch.ScalarType.Int64, 8),
        ("I32", torch.ScalarType.Int32, 4),
        ("I16", torch.ScalarType.Int16, 2),
        ("I8", torch.ScalarType.Int8, 1),
        ("U8", torch.ScalarType.Byte, 1),
        ("BOOL", torch.ScalarType.Bool, 1),
    ];

    public static string Supported { get; } = string.Join(", ", Types.Select(t => t.Name));

    public static bool TryParse(string name, out torch.ScalarType dtype)
    {
        var index = Array.FindIndex(Types, t => t.Name == name);
        dtype = index < 0 ? default : Types[index].DType;
        return index >= 0;
    }

    /// <summary>The format's name of an element type; null when the format or this library has none.</summary>
    public static string? NameOf(torch.ScalarType dtype) => Array.Find(Types, t => t.DType == dtype).Name;

    public static int SizeOf(torch.ScalarType dtype) => Array.Find(Types, t => t.DType == dtype).Size;
}
