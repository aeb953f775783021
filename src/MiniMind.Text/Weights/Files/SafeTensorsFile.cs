using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

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

    /// <inheritdoc/>
    public void ReadElements(string name, long first, Span<byte> elements)
    {
        ArgumentNullException.ThrowIfNull(name);
        ObjectDisposedException.ThrowIf(_file.IsClosed, this);
        if (!_header.Tensors.TryGetValue(name, out var info))
            throw new KeyNotFoundException($"{FilePath} has no tensor '{name}'.");
        info.RequireRange(FilePath, first, elements.Length);
        Fill(elements, FilePath, info, _file, info.Offset, first);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    internal static void RequireLittleEndian()
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Safetensors files are little-endian, and this machine is not.");
    }

    /// <summary>Reads elements that lie one behind the other in a file.</summary>
    /// <param name="elements">Gets them.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="info">Whose elements they are.</param>
    /// <param name="file">The file.</param>
    /// <param name="start">Where the tensor's first element is.</param>
    /// <param name="first">The first one that is read.</param>
    // Positioned reads instead of a memory mapping: as fast, and a file that is cut short meanwhile is an exception instead of a dead process.
    internal static void Fill(Span<byte> elements, string path, WeightInfo info, SafeFileHandle file, long start, long first)
    {
        ReadExactly(path, info.Name, file, elements, start + (first * (info.Elements.Bits / 8)));
        if (info.DType == WeightDType.Boolean && elements.IndexOfAnyExceptInRange((byte)0, (byte)1) is >= 0 and var at)
            throw new WeightFileException(path, info.Name, $"element {first + at} is {elements[at]}, expected 0 or 1 for BOOL.");
    }

    /// <summary>Reads bytes of a file.</summary>
    /// <exception cref="WeightFileException">It has not so many.</exception>
    internal static void ReadExactly(string path, string? tensor, SafeFileHandle file, Span<byte> destination, long offset)
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
}
