using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using TorchSharp;

namespace MiniMind;

/// <summary>A safetensors file, open for reading tensors by name, each straight from the file into its own memory.</summary>
/// <remarks>
/// The format (huggingface/safetensors) is eight bytes of header length, a JSON header and the raw elements, all little-endian. Opening reads and
/// checks the header only. What the checks refuse, the reference implementation refuses too; in addition names and fields that occur twice,
/// unknown fields, more than 64 dimensions and booleans other than 0 and 1 are refused. Element types: F64, F32, F16, BF16, I64, I32, I16, I8, U8
/// and BOOL; a tensor of another of the format's types is listed and not read. Little-endian machines only. Members may be called from several threads.
/// </remarks>
public sealed class SafeTensorsFile : IWeightFile
{
    // A span counts its bytes with an int.
    private const long ChunkBytes = 1L << 30;

    private readonly SafeFileHandle _file;
    private readonly SafeTensorsHeader _header;

    private SafeTensorsFile(string path, SafeFileHandle file, SafeTensorsHeader header)
    {
        FilePath = path;
        _file = file;
        _header = header;
    }

    /// <inheritdoc/>
    public string FilePath { get; }

    /// <inheritdoc/>
    /// <remarks>In the order of the header.</remarks>
    public IReadOnlyDictionary<string, WeightInfo> Tensors => _header.Tensors;

    /// <summary>The free text that the writer added; empty when there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="WeightFileException">It is no file but a folder, a pipe or a device, is not a valid safetensors file, or uses an element type
    /// that is not supported.</exception>
    /// <exception cref="IOException">It does not exist or cannot be read (<see cref="FileNotFoundException"/> and others).</exception>
    /// <exception cref="UnauthorizedAccessException">Access is denied.</exception>
    /// <exception cref="PlatformNotSupportedException">The machine is big-endian.</exception>
    public static SafeTensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RequireLittleEndian();
        var file = RegularFile.Open(path, problem => new WeightFileException(path, null, $"{problem}."));
        try
        {
            var fileLength = RandomAccess.GetLength(file);
            if (fileLength < SafeTensorsHeader.PrefixLength)
                throw new WeightFileException(path, null, $"the file has {fileLength} bytes, expected at least {SafeTensorsHeader.PrefixLength}.");

            Span<byte> prefix = stackalloc byte[SafeTensorsHeader.PrefixLength];
            ReadExactly(path, null, file, prefix, 0);
            OtherFormats.Refuse(path, prefix);
            var json = new byte[SafeTensorsHeader.CheckLength(path, BinaryPrimitives.ReadUInt64LittleEndian(prefix), fileLength)];
            ReadExactly(path, null, file, json, prefix.Length);
            return new SafeTensorsFile(path, file, SafeTensorsHeader.Parse(path, json, fileLength));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes a file: it appears under its name whole or not at all, and an older file of that name stays until then.</summary>
    /// <remarks>Tensors lie in the given order, those of wider elements first, so that every tensor is aligned to its element as the reference
    /// writer has it; the same input gives the same bytes. One tensor at a time is copied to the CPU where that is necessary. Two names for one
    /// storage (tied weights) are written twice: name one only.</remarks>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="tensors">Names and tensors, on any device, contiguous or not.</param>
    /// <param name="metadata">Free text for the header.</param>
    /// <exception cref="ArgumentException">A name occurs twice or is <c>__metadata__</c>, an element type has no place in the format, or a tensor
    /// has no elements to read (meta, sparse).</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="TorchUnavailableException">libtorch cannot be used.</exception>
    /// <exception cref="PlatformNotSupportedException">The machine is big-endian.</exception>
    public static void Write(
        string path,
        IEnumerable<KeyValuePair<string, torch.Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        RequireLittleEndian();
        TorchRuntime.EnsureAvailable();
        new SafeTensorsWriter(SafeTensorsWriter.Check(tensors), metadata).Write(path);
    }

    /// <inheritdoc/>
    public torch.Tensor Read(string name, torch.Device? device = null, torch.ScalarType? dtype = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ObjectDisposedException.ThrowIf(_file.IsClosed, this);
        if (!_header.Tensors.TryGetValue(name, out var info))
            throw new KeyNotFoundException($"{FilePath} has no tensor '{name}'.");
        TorchRuntime.EnsureAvailable();

        var stored = Readable(FilePath, info);
        var tensor = torch.empty([.. info.Shape], stored, torch.CPU);
        try
        {
            Fill(tensor, FilePath, name, _file, info.Offset);
            return Converted(tensor, device ?? torch.CPU, dtype ?? stored);
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Reads every tensor, in the order of the file; the caller disposes of them (or its dispose scope does).</summary>
    /// <param name="device">Where the tensors go; the CPU by default.</param>
    /// <exception cref="WeightFileException">As for <see cref="Read"/>; no tensor stays behind.</exception>
    /// <exception cref="TorchUnavailableException">libtorch cannot be used.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public Dictionary<string, torch.Tensor> ReadAll(torch.Device? device = null)
    {
        var all = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        try
        {
            foreach (var info in _header.Tensors.Values.OrderBy(t => t.Offset).ThenBy(t => t.Length))
                all.Add(info.Name, Read(info.Name, device));
            return all;
        }
        catch
        {
            foreach (var tensor in all.Values)
                tensor.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>The type that a tensor's elements are read as.</summary>
    /// <exception cref="WeightFileException">They are not read.</exception>
    internal static torch.ScalarType Readable(string path, WeightInfo info) => info.DType
        ?? throw new WeightFileException(path, info.Name, $"its elements are {info.ElementType}, which are not read; expected one of {MiniMind.ElementType.Readable}.");

    internal static void RequireLittleEndian()
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Safetensors files are little-endian, and this machine is not.");
    }

    /// <summary>A contiguous CPU tensor's memory, piece by piece.</summary>
    internal static void ForEachChunk(torch.Tensor tensor, ChunkAction action)
    {
        var step = ChunkBytes / tensor.element_size();
        using var flat = tensor.view(-1);
        for (long start = 0; start < flat.numel(); start += step)
        {
            using var part = flat.narrow(0, start, Math.Min(step, flat.numel() - start));
            action(part.bytes, start * tensor.element_size());
        }
    }

    /// <summary>Reads a contiguous CPU tensor's elements out of a file.</summary>
    // Positioned reads instead of a memory mapping: as fast, and a file that is cut short meanwhile is an exception instead of a dead process.
    internal static void Fill(torch.Tensor tensor, string path, string name, SafeFileHandle file, long offset) => ForEachChunk(tensor, (bytes, start) =>
    {
        ReadExactly(path, name, file, bytes, offset + start);
        if (tensor.dtype == torch.ScalarType.Bool && bytes.IndexOfAnyExceptInRange((byte)0, (byte)1) is >= 0 and var at)
            throw new WeightFileException(path, name, $"element {start + at} is {bytes[at]}, expected 0 or 1 for BOOL.");
    });

    private static torch.Tensor Converted(torch.Tensor tensor, torch.Device device, torch.ScalarType dtype)
    {
        if (dtype == tensor.dtype && device.type == DeviceType.CPU)
            return tensor;
        var converted = tensor.to(dtype, device);
        tensor.Dispose();
        return converted;
    }

    private static void ReadExactly(string path, string? tensor, SafeFileHandle file, Span<byte> destination, long offset)
    {
        while (!destination.IsEmpty)
        {
            var read = RandomAccess.Read(file, destination, offset);
            if (read == 0)
                throw new WeightFileException(path, tensor, $"the file ends at byte {offset}, expected {destination.Length} more: it was cut short.");
            destination = destination[read..];
            offset += read;
        }
    }

    internal delegate void ChunkAction(Span<byte> bytes, long start);
}
