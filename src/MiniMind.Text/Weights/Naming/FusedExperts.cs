namespace MiniMind;

/// <summary>A file whose experts lie in one tensor for each layer, as transformers 5 keeps them: <c>experts.gate_up_proj</c> <c>[experts, 2 · inner, dim]</c>, the gate's rows
/// before the other's, and <c>experts.down_proj</c> <c>[experts, dim, inner]</c>. Here each expert has tensors of its own.</summary>
internal sealed class FusedExperts : IWeightFile
{
    private const string GateUp = ".experts.gate_up_proj";
    private const string Down = ".experts.down_proj";

    private readonly IWeightFile _file;
    private readonly Dictionary<string, WeightInfo> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Part> _parts = new(StringComparer.Ordinal);

    private FusedExperts(IWeightFile file)
    {
        _file = file;
        foreach (var (name, info) in file.Tensors)
            if (IsFused(info))
                Split(info);
            else
                _tensors.Add(name, info);
    }

    public string FilePath => _file.FilePath;

    public IReadOnlyDictionary<string, WeightInfo> Tensors => _tensors;

    /// <summary>The file itself if its experts are apart.</summary>
    public static IWeightFile Apart(IWeightFile file) => file.Tensors.Values.Any(IsFused) ? new FusedExperts(file) : file;

    public void ReadElements(string name, long first, Span<byte> elements)
    {
        if (!_parts.TryGetValue(name, out var part))
        {
            _file.ReadElements(name, first, elements);
            return;
        }

        var info = _tensors[name];
        info.RequireRange(FilePath, first, elements.Length);
        var shape = _file.Tensors[part.Stored].Shape;
        _file.ReadElements(part.Stored, (((part.Expert * shape[1]) + part.FirstRow) * shape[2]) + first, elements);
    }

    public void Dispose() => _file.Dispose();

    private static bool IsFused(WeightInfo info) =>
        info.Shape is [> 0, > 0, > 0] && (info.Name.EndsWith(GateUp, StringComparison.Ordinal) ? info.Shape[1] % 2 == 0 : info.Name.EndsWith(Down, StringComparison.Ordinal));

    private void Split(WeightInfo info)
    {
        var (experts, rows) = (info.Shape[0], info.Shape[1]);
        var isGateUp = info.Name.EndsWith(GateUp, StringComparison.Ordinal);
        var layer = info.Name[..^(isGateUp ? GateUp : Down).Length];
        for (var e = 0L; e < experts; e++)
            foreach (var (name, first, count) in ((string, long, long)[])(isGateUp ? [("gate_proj", 0, rows / 2), ("up_proj", rows / 2, rows / 2)] : [("down_proj", 0, rows)]))
            {
                var own = FormattableString.Invariant($"{layer}.experts.{e}.{name}.weight");
                if (!_tensors.TryAdd(own, new WeightInfo(own, info.Elements, [count, info.Shape[2]], info.Length / experts * count / rows)))
                    throw new WeightFileException(FilePath, own, $"it is there by itself and in {info.Name}; expected it once");
                _parts.Add(own, new Part(info.Name, e, first, count));
            }
    }

    private sealed record Part(string Stored, long Expert, long FirstRow, long Rows);
}
