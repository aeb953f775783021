using System.Runtime.InteropServices;

namespace MiniMind;

/// <summary>The weights of a GGUF file, under the reference's names and in its layout: what llama.cpp stacks is taken apart, and what it turns otherwise is put
/// back. The file also holds the configuration and the tokenizer.</summary>
/// <remarks>The architectures and element types that <c>SaveGguf</c> writes (F32, F16, BF16, Q8_0) are read. A file of other
/// types is opened, and reading such a tensor is refused by the type's name.</remarks>
public sealed class GgufFile : IWeightFile
{
    private const int BlocksAtATime = 4096;

    private readonly FileStream _stream;
    private readonly GgufHeader _header;
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WeightInfo> _tensors = new(StringComparer.Ordinal);

    private GgufFile(string path, FileStream stream)
    {
        (FilePath, _stream) = (path, stream);
        _header = GgufHeader.Read(path, stream);
        Config = GgufConfig.Read(
            path,
            _header,
            () => [.. Floats(_header.Tensors[GgufConfig.RotaryDivisors]).Select(d => (double)d)],
            HasTiedOutput);
        foreach (var group in ModelTensor.List(Config).GroupBy(t => t.GgufName))
            Locate(group.Key, [.. group]);
        var known = _places.Values.Select(p => p.Stored.Name).Append(GgufConfig.RotaryDivisors).Append("output.weight").ToHashSet(StringComparer.Ordinal);
        foreach (var (name, info) in _header.Tensors)
            if (!known.Contains(name))
                Add(name, new Place(info, null, 0), info.Shape);
    }

    /// <inheritdoc/>
    public string FilePath { get; }

    /// <inheritdoc/>
    /// <remarks>A tensor that no weight of the model is stored in keeps ggml's name.</remarks>
    public IReadOnlyDictionary<string, WeightInfo> Tensors => _tensors;

    /// <summary>The model's configuration. What is for training only (dropout, the balance of experts) is not in such a file and has its default.</summary>
    public LMConfig Config { get; }

    /// <summary>Keys and values.</summary>
    internal IReadOnlyDictionary<string, object> Values => _header.Values;

    /// <summary>Opens a file and checks its head.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="WeightFileException">It is no file but a folder, a pipe or a device, or is damaged.</exception>
    /// <exception cref="LMConfigException">Its architecture is none of those that are read, or a key is missing or asks for what is not computed.</exception>
    /// <exception cref="IOException">It does not exist or cannot be read (<see cref="FileNotFoundException"/> and others).</exception>
    /// <exception cref="UnauthorizedAccessException">Access is denied.</exception>
    public static GgufFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SafeTensorsFile.RequireLittleEndian();
        var stream = RegularFile.OpenStream(path, problem => new WeightFileException(path, null, $"{problem}."));
        try
        {
            return new GgufFile(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void ReadElements(string name, long first, Span<byte> elements)
    {
        ArgumentNullException.ThrowIfNull(name);
        ObjectDisposedException.ThrowIf(_stream.SafeFileHandle.IsClosed, this);
        if (!_places.TryGetValue(name, out var place))
            throw new KeyNotFoundException($"{FilePath} has no tensor '{name}'.");
        var info = _tensors[name];
        var count = info.RequireRange(FilePath, first, elements.Length);
        var start = (place.Part ?? 0) * info.Count;
        // llama.cpp turns the halves of a head where queries and keys are normalised, in qwen3 and qwen3moe, and adjacent pairs elsewhere.
        if (Config.QKNorm && place.RotaryHeads > 0)
            ReadPairs(place, info, start, first, count, elements);
        else
            ReadStored(place.Stored, start + first, elements);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Locate(string ggufName, List<ModelTensor> parts)
    {
        if (!_header.Tensors.TryGetValue(ggufName, out var stored))
            return;
        var isStacked = stored.Shape.Count == parts[0].Shape.Length + 1;
        if (isStacked ? stored.Shape[0] != parts.Count : parts.Count > 1)
            throw new WeightFileException(FilePath, ggufName, $"its shape is [{string.Join(", ", stored.Shape)}]; expected {parts.Count} experts behind each other.");
        foreach (var (index, part) in parts.Index())
            Add(part.Name, new Place(stored, isStacked ? index : null, part.RotaryHeads), isStacked ? [.. stored.Shape.Skip(1)] : stored.Shape);
    }

    private void Add(string name, Place place, IReadOnlyList<long> shape)
    {
        _places.Add(name, place);
        _tensors.Add(name, new WeightInfo(name, place.Stored.Elements, shape, place.Stored.Length / (place.Part is null ? 1 : place.Stored.Shape[0])));
    }

    private bool HasTiedOutput() =>
        _header.Tensors.TryGetValue("token_embd.weight", out var embedding)
        && _header.Tensors["output.weight"] is var output
        && output.Shape.SequenceEqual(embedding.Shape) && Floats(output).SequenceEqual(Floats(embedding));

    private float[] Floats(WeightInfo stored)
    {
        var all = new float[stored.Count];
        ElementConversion.ForEachPiece(stored, stored.RequireDType(FilePath), (first, bytes) => ReadStored(stored, first, bytes), (first, floats) => floats.CopyTo(all.AsSpan((int)first)));
        return all;
    }

    /// <summary>Reads elements whose rows are those of halves, as those of adjacent pairs.</summary>
    private void ReadPairs(Place place, WeightInfo info, long start, long first, int count, Span<byte> elements)
    {
        var (size, columns, ofHead) = (elements.Length / count, info.Count / info.Shape[0], info.Shape[0] / place.RotaryHeads);
        for (var done = 0; done < count;)
        {
            var (row, column) = Math.DivRem(first + done, columns);
            var (head, within) = Math.DivRem(row, ofHead);
            var stored = (head * ofHead) + (within % 2 * (ofHead / 2)) + (within / 2);
            var part = (int)Math.Min(columns - column, count - done);
            ReadStored(place.Stored, start + (stored * columns) + column, elements.Slice(done * size, part * size));
            done += part;
        }
    }

    private void ReadStored(WeightInfo stored, long first, Span<byte> elements)
    {
        if (stored.Elements.Bits != 0)
            SafeTensorsFile.Fill(elements, FilePath, stored, _stream.SafeFileHandle, stored.Offset, first);
        else
            ReadBlocks(stored, first, MemoryMarshal.Cast<byte, float>(elements));
    }

    private void ReadBlocks(WeightInfo stored, long first, Span<float> numbers)
    {
        var most = Math.Min(BlocksAtATime, (numbers.Length / Q8Block.Size) + 2);
        var (blocks, decoded) = (new byte[most * Q8Block.Bytes], new float[most * Q8Block.Size]);
        while (!numbers.IsEmpty)
        {
            var (block, skipped) = Math.DivRem(first, Q8Block.Size);
            var count = (int)Math.Min(most, (skipped + numbers.Length + Q8Block.Size - 1) / Q8Block.Size);
            var part = blocks.AsSpan(0, count * Q8Block.Bytes);
            SafeTensorsFile.ReadExactly(FilePath, stored.Name, _stream.SafeFileHandle, part, stored.Offset + (block * Q8Block.Bytes));
            Q8Block.Read(part, decoded.AsSpan(0, count * Q8Block.Size));
            var taken = decoded.AsSpan((int)skipped, (int)Math.Min(numbers.Length, (count * Q8Block.Size) - skipped));
            taken.CopyTo(numbers);
            numbers = numbers[taken.Length..];
            first += taken.Length;
        }
    }

    /// <summary>Where a weight is: in which of the file's tensors, as which of its parts, and in how many heads its rows are turned.</summary>
    private sealed record Place(WeightInfo Stored, int? Part, int RotaryHeads);
}
