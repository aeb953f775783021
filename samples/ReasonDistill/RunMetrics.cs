using System.Text.Json;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>The lines of a metrics file.</summary>
internal sealed class RunMetrics
{
    private readonly List<JsonElement> _lines;

    private RunMetrics(List<JsonElement> lines)
    {
        _lines = lines;
    }

    public static RunMetrics Read(string path) => new([.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<JsonElement>(line))]);

    /// <summary>The values of one name; what was not finite, which the file has as null, is left out.</summary>
    public List<(double Step, double Value)> Of(string name) =>
    [
        .. from line in _lines
           where line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
           select (line.GetProperty("step").GetDouble(), line.GetProperty(name).GetDouble()),
    ];
}
