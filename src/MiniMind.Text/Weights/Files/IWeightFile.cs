namespace MiniMind;

/// <summary>Named tensors on disk, each read when it is asked for. Members may be called from several threads.</summary>
public interface IWeightFile : IDisposable
{
    /// <summary>The file, as it was opened.</summary>
    string FilePath { get; }

    /// <summary>The tensors by name.</summary>
    IReadOnlyDictionary<string, WeightInfo> Tensors { get; }

    /// <summary>Reads elements of one tensor, row by row, as numbers of its <see cref="WeightInfo.DType"/>, little-endian.</summary>
    /// <param name="name">A name out of <see cref="Tensors"/>.</param>
    /// <param name="first">The first element, from 0.</param>
    /// <param name="elements">Gets the elements; its length says how many.</param>
    /// <exception cref="KeyNotFoundException">The file has no tensor of that name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The tensor has not so many elements, or the length is no whole number of them.</exception>
    /// <exception cref="WeightFileException">The elements are of a type that is not read, the file was cut short since it was opened, or a boolean is neither
    /// 0 nor 1.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    void ReadElements(string name, long first, Span<byte> elements);
}
