using System.IO.Compression;

namespace MiniMind;

/// <summary>The tensors of a file written by <c>torch.save</c> (<c>.pth</c>, <c>.pt</c>, <c>.bin</c>; PyTorch 1.6 or later): a zip archive of a pickle
/// and the tensors' storages.</summary>
/// <remarks>
/// The pickle is read by a restricted reader that builds tensors, parameters, numbers, texts, lists, tuples and (ordered) dictionaries: a file that
/// names anything else is refused and the name told; nothing in it is ever run. The file holds either a dictionary of tensors or one that has such
/// a dictionary under <c>model</c>, <c>state_dict</c>, <c>module</c> or <c>model_state_dict</c>, as training checkpoints do. Quantized, sparse and big-endian tensors are
/// refused, and so are compressed archives, which PyTorch does not write.
/// </remarks>
public sealed class PyTorchFile : IWeightFile
{
    private const string PickleName = "data.pkl";
    private const int LargestPickle = 1 << 24;
    private const int LongestStorageKey = 200;

    private static readonly string[] ModelKeys = ["model", "state_dict", "module", "model_state_dict"];

    private readonly FileStream _stream;
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PickledTensor> _views = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _storageStart = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WeightInfo> _tensors = new(StringComparer.Ordinal);

    private PyTorchFile(string path, FileStream stream, ZipArchive archive) => (FilePath, _stream, _archive) = (path, stream, archive);

    /// <inheritdoc/>
    public string FilePath { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, WeightInfo> Tensors => _tensors;

    /// <summary>Opens a file and reads its pickle.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="WeightFileException">It is no file but a folder, a pipe or a device, is damaged, of PyTorch's format from before 1.6, or its
    /// pickle uses what is not allowed.</exception>
    /// <exception cref="IOException">It does not exist or cannot be read (<see cref="FileNotFoundException"/> and others).</exception>
    /// <exception cref="UnauthorizedAccessException">Access is denied.</exception>
    public static PyTorchFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SafeTensorsFile.RequireLittleEndian();
        var stream = RegularFile.OpenStream(path, problem => new WeightFileException(path, null, $"{problem}."));
        PyTorchFile? file = null;
        try
        {
            RequireZip(path, stream);
            file = new PyTorchFile(path, stream, Guarded(path, () => new ZipArchive(stream, ZipArchiveMode.Read)));
            file.ReadDirectory();
            file.ReadPickle();
            return file;
        }
        catch
        {
            file?.Dispose();
            stream.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void ReadElements(string name, long first, Span<byte> elements)
    {
        ArgumentNullException.ThrowIfNull(name);
        ObjectDisposedException.ThrowIf(_stream.SafeFileHandle.IsClosed, this);
        if (!_views.TryGetValue(name, out var view))
            throw new KeyNotFoundException($"{FilePath} has no tensor '{name}'.");
        var info = _tensors[name];
        var count = info.RequireRange(FilePath, first, elements.Length);
        if (count == 0)
            return;
        var start = _storageStart[view.Storage.Key];
        if (view.IsContiguous)
            SafeTensorsFile.Fill(elements, FilePath, info, _stream.SafeFileHandle, start, view.Offset + first);
        else
            Gather(info, view, start, first, count, elements);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _archive.Dispose();
        _stream.Dispose();
    }

    private static void RequireZip(string path, FileStream stream)
    {
        Span<byte> start = stackalloc byte[4];
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        stream.Position = 0;
        OtherFormats.Refuse(path, start);
        if (start.Length > 0 && start[0] == Unpickler.ProtocolOpcode)
            throw new WeightFileException(
                path, null, "the file has PyTorch's format from before version 1.6; load it there and save it again with torch.save.");
        if (!start.StartsWith("PK"u8))
            throw new WeightFileException(path, null, "the file is not a zip archive, as torch.save writes it.");
    }

    /// <summary>What the archive's reader throws at damage.</summary>
    private static T Guarded<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or NotSupportedException or ArgumentException or OverflowException)
        {
            throw new WeightFileException(path, null, $"the zip archive is damaged: {e.Message}", e);
        }
    }

    private void ReadDirectory()
    {
        var total = 0L;
        foreach (var entry in Guarded(FilePath, () => _archive.Entries))
        {
            // Stored as they are, entries cannot hold more than the file; their sum shows data used twice.
            if (entry.CompressedLength != entry.Length || entry.Length < 0 || (total += entry.Length) > _stream.Length)
                throw new WeightFileException(
                    FilePath, null, $"the archive's entry '{MessageText.Printable(entry.FullName)}' is compressed or beyond the file's end; expected stored data.");
            if (!_entries.TryAdd(entry.FullName, entry))
                throw new WeightFileException(FilePath, null, $"the archive has '{MessageText.Printable(entry.FullName)}' twice.");
        }
    }

    private void ReadPickle()
    {
        var pickles = _entries.Keys.Where(n => n == PickleName || n.EndsWith('/' + PickleName, StringComparison.Ordinal)).ToList();
        if (pickles.Count != 1)
            throw new WeightFileException(FilePath, null, $"the archive has {pickles.Count} entries named {PickleName}, expected one.");
        var folder = pickles[0][..^PickleName.Length];
        if (_entries.TryGetValue(folder + "byteorder", out var order) && !ReadEntry(order, 16).AsSpan().SequenceEqual("little"u8))
            throw new WeightFileException(FilePath, null, "the tensors are not little-endian.");
        var root = Unpickler.Load(FilePath, ReadEntry(_entries[pickles[0]], LargestPickle));
        foreach (var (key, value) in StateDictionary(root))
            if (value is PickledTensor view)
                Add(key, view, folder);
    }

    private Dictionary<object, object?> StateDictionary(object? root)
    {
        if (root is Dictionary<object, object?> outer)
        {
            // Such a checkpoint may hold single tensors beside the model, its best loss for one.
            foreach (var key in ModelKeys)
                if (outer.TryGetValue(key, out var inner) && inner is Dictionary<object, object?> state && state.Values.Any(v => v is PickledTensor))
                    return state;
            if (outer.Values.Any(v => v is PickledTensor))
                return outer;
        }

        throw new WeightFileException(FilePath, null, $"the file holds no tensors by name, at its top or under {string.Join(", ", ModelKeys)}.");
    }

    private void Add(object key, PickledTensor view, string folder)
    {
        if (key is not string name)
            throw new WeightFileException(FilePath, $"{key}", "the name is not a text.");
        var elementSize = view.Storage.Elements.Bits / 8;
        // The key may be one long text that every tensor refers to.
        if (view.Storage.Key.Length > LongestStorageKey || !_entries.TryGetValue($"{folder}data/{view.Storage.Key}", out var entry))
            throw new WeightFileException(FilePath, name, $"the archive has no storage '{MessageText.Printable(view.Storage.Key)}'.");
        if (view.Storage.Count > long.MaxValue / elementSize || entry.Length != view.Storage.Count * elementSize)
            throw new WeightFileException(
                FilePath, name, $"its storage has {entry.Length} bytes, expected {view.Storage.Count} elements of {elementSize} bytes.");
        if (view.ElementCount * elementSize > _stream.Length)
            throw new WeightFileException(
                FilePath, name, $"its shape [{string.Join(", ", view.Shape)}] repeats stored elements to more bytes than the file has, {_stream.Length}.");
        _views.Add(name, view);
        _tensors.Add(name, new WeightInfo(name, view.Storage.Elements, view.Shape, view.ElementCount * elementSize));
        if (!_storageStart.ContainsKey(view.Storage.Key))
            _storageStart.Add(view.Storage.Key, DataStart(entry));
    }

    /// <summary>Where an entry's data is in the file, so that views of one storage are read without what lies before them. The archive's reader does
    /// not say it, but leaves the file behind the byte it read.</summary>
    private long DataStart(ZipArchiveEntry entry) => entry.Length == 0 ? 0 : Guarded(FilePath, () =>
    {
        using var data = entry.Open();
        data.ReadExactly(stackalloc byte[1]);
        var start = _stream.Position - 1;
        return start + entry.Length <= _stream.Length ? start : throw new InvalidDataException("an entry is beyond the file's end.");
    });

    private byte[] ReadEntry(ZipArchiveEntry entry, int most)
    {
        if (entry.Length > most)
            throw new WeightFileException(FilePath, null, $"the archive's entry '{entry.Name}' has {entry.Length} bytes, expected at most {most}.");
        return Guarded(FilePath, () =>
        {
            var bytes = new byte[entry.Length];
            using var data = entry.Open();
            data.ReadExactly(bytes);
            return bytes;
        });
    }

    /// <summary>Reads what of a storage the elements lie in, and picks them out.</summary>
    private void Gather(WeightInfo info, PickledTensor view, long start, long first, int count, Span<byte> elements)
    {
        var size = info.Elements.Bits / 8;
        var (least, most) = (long.MaxValue, 0L);
        for (var i = 0; i < count; i++)
        {
            var place = view.PlaceOf(first + i);
            (least, most) = (Math.Min(least, place), Math.Max(most, place));
        }

        var stored = new byte[checked((int)((most - least + 1) * size))];
        SafeTensorsFile.Fill(stored, FilePath, info, _stream.SafeFileHandle, start, least);
        for (var i = 0; i < count; i++)
            stored.AsSpan((int)((view.PlaceOf(first + i) - least) * size), size).CopyTo(elements[(i * size)..]);
    }
}
