using static TorchSharp.torch;

namespace MiniMind;

/// <summary>A file whose experts lie in one tensor for each layer, as transformers 5 keeps them: <c>experts.gate_up_proj</c> <c>[experts, 2 · inner, dim]</c>, the gate's rows
/// before the other's, and <c>experts.down_proj</c> <c>[experts, dim, inner]</c>. Here each expert has tensors of its own.</summary>
internal sealed class FusedExperts : IWeightFile
{
    private const string GateUp = ".experts.gate_up_proj";
    private const string Down = ".experts.down_proj";

    /// <summary>Of each layer, both are asked for by turns.</summary>
    private const int MostHeld = 2;

    private readonly IWeightFile _file;
    private readonly Dictionary<string, WeightInfo> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Part> _parts = new(StringComparer.Ordinal);
    private readonly List<(string Name, Tensor Value)> _held = [];

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

    public Tensor Read(string name, Device? device = null, ScalarType? dtype = null)
    {
        if (!_parts.TryGetValue(name, out var part))
            return _file.Read(name, device, dtype);
        var rows = Whole(part.Stored).select(0, part.Expert).narrow(0, part.FirstRow, part.Rows);
        using (rows)
            return rows.to(dtype ?? rows.dtype, device ?? CPU, copy: true);
    }

    public void Dispose()
    {
        foreach (var (_, value) in _held)
            value.Dispose();
        _held.Clear();
        _file.Dispose();
    }

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

    /// <summary>A whole tensor, which is kept for the other experts.</summary>
    private Tensor Whole(string name)
    {
        if (_held.Find(h => h.Name == name) is { Value: { } value })
            return value;
        if (_held.Count == MostHeld)
        {
            _held[0].Value.Dispose();
            _held.RemoveAt(0);
        }

        var whole = _file.Read(name).DetachFromDisposeScope();
        _held.Add((name, whole));
        return whole;
    }

    private sealed record Part(string Stored, long Expert, long FirstRow, long Rows);
}
