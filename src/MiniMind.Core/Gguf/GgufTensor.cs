using System.Runtime.InteropServices;
using TorchSharp;

namespace MiniMind;

/// <summary>A tensor to write: <paramref name="Read"/> gives it in fp32 when its turn comes, owned by the caller's dispose scope.</summary>
internal sealed record GgufTensor(string Name, GgufType Type, long[] Shape, Func<torch.Tensor> Read)
{
    /// <summary>Vectors stay F32, and rows that are not whole blocks F16, as llama.cpp's own converter has it.</summary>
    public static GgufTensor Create(string name, GgufType type, long[] shape, Func<torch.Tensor> read) => new(
        name,
        shape.Length == 1 ? GgufType.F32 : type == GgufType.Q8 && shape[^1] % Q8Block.Size != 0 ? GgufType.F16 : type,
        shape,
        read);

    public long Length
    {
        get
        {
            var count = Shape.Aggregate(1L, (product, size) => product * size);
            return Type switch
            {
                GgufType.F32 => count * 4,
                GgufType.Q8 => count / Q8Block.Size * Q8Block.Bytes,
                _ => count * 2,
            };
        }
    }

    public void WriteTo(Stream stream)
    {
        using var scope = torch.NewDisposeScope();
        var values = Read().detach().to(torch.ScalarType.Float32, torch.CPU).contiguous();
        if (Type == GgufType.Q8)
            WeightFileTensors.ForEachChunk(values, (bytes, _) => Q8Block.Write(MemoryMarshal.Cast<byte, float>(bytes), stream));
        else
            WeightFileTensors.ForEachChunk(
                values.to_type(Type switch { GgufType.F16 => torch.ScalarType.Float16, GgufType.BF16 => torch.ScalarType.BFloat16, _ => torch.ScalarType.Float32 }),
                (bytes, _) => stream.Write(bytes));
    }
}
