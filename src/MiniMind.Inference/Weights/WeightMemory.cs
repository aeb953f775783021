using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace MiniMind.Inference;

/// <summary>Memory of weights: native, or of mapped files.</summary>
internal sealed unsafe class WeightMemory : IDisposable
{
    private const int Alignment = 64;

    private readonly List<nint> _owned = [];
    private readonly Dictionary<string, (MemoryMappedFile File, MemoryMappedViewAccessor View, nint Start)> _mapped = new(StringComparer.Ordinal);

    /// <summary>New memory, not cleared.</summary>
    public nint Allocate(long bytes)
    {
        var memory = (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), Alignment);
        _owned.Add(memory);
        return memory;
    }

    /// <summary>Where a file's byte is in memory.</summary>
    public nint Map(string path, long offset)
    {
        if (!_mapped.TryGetValue(path, out var mapped))
        {
            var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
            var view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            byte* start = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            mapped = (file, view, (nint)start);
            _mapped.Add(path, mapped);
        }

        return mapped.Start + (nint)offset;
    }

    public void Dispose()
    {
        foreach (var memory in _owned)
            NativeMemory.AlignedFree((void*)memory);
        _owned.Clear();
        foreach (var (file, view, _) in _mapped.Values)
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
            file.Dispose();
        }

        _mapped.Clear();
        GC.SuppressFinalize(this);
    }

    ~WeightMemory()
    {
        foreach (var memory in _owned)
            NativeMemory.AlignedFree((void*)memory);
    }
}
