using System.Runtime.InteropServices;

namespace MiniMind.Inference;

/// <summary>Brings a file's weights into memory, in the format that is asked for. Every weight is looked at: one that is no finite number is refused.</summary>
internal sealed unsafe class WeightLoader(
    WeightMatch match, IReadOnlyList<(ModelTensor Tensor, WeightInfo Source)> sources, LMConfig config, WeightFormat format, bool mapsFiles, WeightMemory memory)
{
    private readonly Dictionary<string, WeightInfo> _sources = sources.ToDictionary(m => m.Tensor.Name, m => m.Source, StringComparer.Ordinal);

    public ModelWeightSet Load()
    {
        var embedding = Matrix(ModelTensor.Embedding);
        return new ModelWeightSet(memory)
        {
            Embedding = embedding,
            Output = config.UntiedOutput ? Matrix(ModelTensor.Output) : embedding,
            Norm = Vector("norm.weight"),
            Blocks = [.. Enumerable.Range(0, config.NLayers).Select(layer => Block($"layers.{layer}."))],
            RotatesHalves = match.IsInHalves,
        };
    }

    private BlockWeights Block(string prefix) => new()
    {
        Query = Matrix($"{prefix}attention.wq.weight"),
        Key = Matrix($"{prefix}attention.wk.weight"),
        Value = Matrix($"{prefix}attention.wv.weight"),
        Output = Matrix($"{prefix}attention.wo.weight"),
        AttentionNorm = Vector($"{prefix}attention_norm.weight"),
        FeedForwardNorm = Vector($"{prefix}ffn_norm.weight"),
        QueryNorm = config.QKNorm ? Vector($"{prefix}attention.q_norm.weight") : 0,
        KeyNorm = config.QKNorm ? Vector($"{prefix}attention.k_norm.weight") : 0,
        FeedForward = !config.UseMoe ? FeedForward($"{prefix}feed_forward.") : config.UseSharedExpert ? FeedForward($"{prefix}feed_forward.shared_experts.") : null,
        Experts = config.UseMoe ? [.. Enumerable.Range(0, config.NRoutedExperts).Select(e => FeedForward($"{prefix}feed_forward.experts.{e}."))] : [],
        Router = config.UseMoe ? Matrix($"{prefix}feed_forward.gate.weight", WeightFormat.Float32) : default,
    };

    private FeedForwardWeights FeedForward(string prefix) => new(Matrix($"{prefix}w1.weight"), Matrix($"{prefix}w2.weight"), Matrix($"{prefix}w3.weight"));

    private nint Vector(string name) => (nint)Matrix(name, WeightFormat.Float32).Data;

    private WeightMatrix Matrix(string name) => Matrix(name, format);

    private WeightMatrix Matrix(string name, WeightFormat kept)
    {
        var source = _sources[name];
        var (rows, columns) = ((int)source.Shape[0], source.Shape.Count > 1 ? (int)source.Shape[1] : 1);
        var size = kept switch { WeightFormat.Float32 => sizeof(float), WeightFormat.BFloat16 => sizeof(ushort), _ => 1 };
        var rowBytes = (nint)columns * size;
        var isStoredSo = (kept, source.DType) is (WeightFormat.Float32, WeightDType.Float32) or (WeightFormat.BFloat16, WeightDType.BFloat16);
        if (mapsFiles && isStoredSo && PlaceOf(source) is { } place)
        {
            var mapped = memory.Map(place.Path, place.Offset);
            for (var row = 0; row < rows; row++)
                RequireFinite(source, kept, new ReadOnlySpan<byte>((void*)(mapped + (row * rowBytes)), (int)rowBytes));
            return new WeightMatrix(mapped, 0, rows, columns, rowBytes);
        }

        var data = memory.Allocate(rows * (long)rowBytes);
        var scales = kept == WeightFormat.Int8 ? memory.Allocate((long)rows * sizeof(float)) : 0;
        var dtype = source.RequireDType(match.File.FilePath);
        var (stored, floats) = (new byte[columns * ElementType.SizeOf(dtype)], new float[columns]);
        for (var row = 0; row < rows; row++)
        {
            match.File.ReadElements(source.Name, (long)row * columns, stored);
            ElementConversion.ToSingle(dtype, stored, floats);
            RequireFinite(source, WeightFormat.Float32, MemoryMarshal.AsBytes(floats.AsSpan()));
            Keep(floats, kept, (byte*)(data + (row * rowBytes)), scales == 0 ? null : (float*)scales + row);
        }

        return new WeightMatrix(data, scales, rows, columns, rowBytes);
    }

    private (string Path, long Offset)? PlaceOf(WeightInfo source) =>
        match.File switch
        {
            SafeTensorsFile file => (file.FilePath, source.Offset),
            ShardedWeightFile files when files.FileOf(source.Name) is SafeTensorsFile file => (file.FilePath, source.Offset),
            _ => null,
        };

    private void RequireFinite(WeightInfo source, WeightFormat stored, ReadOnlySpan<byte> elements)
    {
        var isFinite = true;
        if (stored == WeightFormat.BFloat16)
        {
            foreach (var bits in MemoryMarshal.Cast<byte, ushort>(elements))
                isFinite &= (bits & 0x7F80) != 0x7F80;
        }
        else
        {
            foreach (var bits in MemoryMarshal.Cast<byte, uint>(elements))
                isFinite &= (bits & 0x7F800000) != 0x7F800000;
        }

        if (!isFinite)
            throw match.NotFinite(source);
    }

    private static void Keep(ReadOnlySpan<float> row, WeightFormat format, byte* to, float* scale)
    {
        switch (format)
        {
            case WeightFormat.Float32:
                MemoryMarshal.AsBytes(row).CopyTo(new Span<byte>(to, row.Length * sizeof(float)));
                break;
            case WeightFormat.BFloat16:
                for (var i = 0; i < row.Length; i++)
                    ((ushort*)to)[i] = Rounded(row[i]);
                break;
            default:
                var largest = 0f;
                foreach (var weight in row)
                    largest = MathF.Max(largest, MathF.Abs(weight));
                *scale = largest / sbyte.MaxValue;
                for (var i = 0; i < row.Length; i++)
                    ((sbyte*)to)[i] = largest == 0 ? (sbyte)0 : (sbyte)MathF.Round(row[i] / *scale, MidpointRounding.ToEven);
                break;
        }
    }

    /// <summary>The nearest bfloat16; of two as near, the even one, as torch rounds.</summary>
    private static ushort Rounded(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
