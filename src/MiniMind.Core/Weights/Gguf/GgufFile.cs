using System.Runtime.InteropServices;
using TorchSharp;

namespace MiniMind;

/// <summary>The weights of a GGUF file, under the reference's names and in its layout: what llama.cpp stacks is taken apart, and what it turns otherwise is put
/// back. The file also holds the configuration and the tokenizer.</summary>
/// <remarks>The architectures and element types that <c>SaveGguf</c> writes (F32, F16, BF16, Q8_0) are read. A file of other
/// types is opened, and reading such a tensor is refused by the type's name.</remarks>
public sealed class GgufFile : IWeightFile
{
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
            () =>
            {
                using var scope = torch.NewDisposeScope();
                return [.. ReadWhole(_header.Tensors[GgufConfig.RotaryDivisors]).to_type(torch.ScalarType.Float32).data<float>().Select(d => (double)d)];
            },
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
    public torch.Tensor Read(string name, torch.Device? device = null, torch.ScalarType? dtype = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ObjectDisposedException.ThrowIf(_stream.SafeFileHandle.IsClosed, this);
        if (!_places.TryGetValue(name, out var place))
            throw new KeyNotFoundException($"{FilePath} has no tensor '{name}'.");
        TorchRuntime.EnsureAvailable();
        using var scope = torch.NewDisposeScope();
        var tensor = place.Part is { } part ? ReadPart(place.Stored, part) : ReadWhole(place.Stored);
        // llama.cpp turns the halves of a head where queries and keys are normalised, in qwen3 and qwen3moe, and adjacent pairs elsewhere.
        if (Config.QKNorm && place.RotaryHeads > 0)
            tensor = RotaryLayout.ToPairs(tensor, place.RotaryHeads);
        return tensor.to(dtype ?? tensor.dtype, device ?? torch.CPU).MoveToOuterDisposeScope();
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

    private bool HasTiedOutput()
    {
        using var scope = torch.NewDisposeScope();
        return _header.Tensors.TryGetValue("token_embd.weight", out var embedding)
            && ReadWhole(_header.Tensors["output.weight"]).to_type(torch.ScalarType.Float32) is var output
            && ReadWhole(embedding).to_type(torch.ScalarType.Float32) is var tokens
            && output.shape.SequenceEqual(tokens.shape) && output.equal(tokens).all().item<bool>();
    }

    private torch.Tensor ReadWhole(WeightInfo stored) => Read(stored, stored.Offset, [.. stored.Shape], stored.Length);

    private torch.Tensor ReadPart(WeightInfo stored, int part)
    {
        var length = stored.Length / stored.Shape[0];
        return Read(stored, stored.Offset + (part * length), [.. stored.Shape.Skip(1)], length);
    }

    private torch.Tensor Read(WeightInfo stored, long offset, long[] shape, long length)
    {
        var dtype = SafeTensorsFile.Readable(FilePath, stored);
        var isBlocks = stored.Elements.Bits == 0;
        var raw = isBlocks ? torch.empty(length, torch.ScalarType.Byte, torch.CPU) : torch.empty(shape, dtype, torch.CPU);
        SafeTensorsFile.Fill(raw, FilePath, stored.Name, _stream.SafeFileHandle, offset);
        return isBlocks ? Numbers(raw, shape) : raw;
    }

    private static torch.Tensor Numbers(torch.Tensor blocks, long[] shape)
    {
        var numbers = torch.empty(shape, torch.ScalarType.Float32, torch.CPU);
        var row = checked((int)(shape[^1] / Q8Block.Size));
        // A span counts with an int, and so do rows.
        using var rows = blocks.view(-1, (long)row * Q8Block.Bytes);
        using var targets = numbers.view(-1, shape[^1]);
        for (var i = 0L; i < rows.shape[0]; i++)
        {
            using var source = rows.select(0, i);
            using var target = targets.select(0, i);
            Q8Block.Read(source.bytes, MemoryMarshal.Cast<byte, float>(target.bytes));
        }

        return numbers;
    }

    /// <summary>Where a weight is: in which of the file's tensors, as which of its parts, and in how many heads its rows are turned.</summary>
    private sealed record Place(WeightInfo Stored, int? Part, int RotaryHeads);
}
