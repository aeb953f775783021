using System.Globalization;

namespace MiniMind.Training;

/// <summary>Where a row of data stands, as messages name it.</summary>
/// <param name="File">The file, as the caller named it; null if the row comes from no file.</param>
/// <param name="Number">The line, or the element of a JSON array, counted from 1; without a file, the conversation's number.</param>
/// <param name="IsElement">Whether the file is a JSON array.</param>
internal readonly record struct RowPlace(string? File, long? Number, bool IsElement = false)
{
    /// <summary>What a row of such a file is called.</summary>
    public string Unit => IsElement ? "element" : "line";

    /// <summary>A problem with its place before it.</summary>
    public string Locate(string problem) => (File, Number) switch
    {
        (null, null) => problem,
        (null, _) => string.Create(CultureInfo.InvariantCulture, $"{(IsElement ? "element" : "conversation")} {Number}: {problem}"),
        (_, null) => $"{File}: {problem}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{File}({(IsElement ? "element " : string.Empty)}{Number}): {problem}"),
    };
}
