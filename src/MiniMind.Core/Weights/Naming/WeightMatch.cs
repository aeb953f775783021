using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Which of a file's tensors are which weights of a model, found out by name and shape before anything is read.</summary>
internal sealed class WeightMatch
{
    private const int MostFaults = 10_000;

    private readonly IWeightFile _file;
    private readonly WeightNames _names;
    private readonly LMConfig _config;
    private readonly List<(ModelTensor Tensor, string Source)> _matched = [];

    public WeightMatch(IWeightFile file, LMConfig config)
    {
        (_file, _config) = (file, config);
        _names = new WeightNames(file);
        Report = Compare();
    }

    public WeightReport Report { get; }

    /// <summary>Reads what matches, fp32 on the CPU in the layout of the model; the caller disposes of each (or its dispose scope does).</summary>
    /// <exception cref="WeightFileException">A tensor cannot be read, or a tied weight has two values.</exception>
    public IEnumerable<(ModelTensor Tensor, Tensor Value)> Read()
    {
        CheckTie();
        foreach (var (tensor, source) in _matched)
        {
            if (_file.Tensors[source] is { DType: not (null or ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16) } integers)
                throw new WeightFileException(_file.FilePath, source, $"its elements are {integers.ElementType}; expected floating-point weights, which quantised ones are not");
            var value = _file.Read(source, CPU, ScalarType.Float32);
            RequireFinite(source, value);
            if (_names.Naming == WeightNaming.HuggingFace && tensor.RotaryHeads > 0)
            {
                using var halves = value;
                value = RotaryLayout.ToPairs(halves, tensor.RotaryHeads);
            }

            yield return (tensor, value);
        }
    }

    private void RequireFinite(string source, Tensor value)
    {
        using var scope = NewDisposeScope();
        if (!value.isfinite().all().item<bool>())
            throw new WeightFileException(_file.FilePath, source, "it holds values that are not finite numbers (NaN or infinity); expected weights of a model that has not diverged");
    }

    private WeightReport Compare()
    {
        List<string> missing = [], mismatched = [];
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in ModelTensor.List(_config))
        {
            if (Find(tensor) is not { } found)
            {
                missing.Add($"{tensor.NameIn(_names.Naming)} {Shown(tensor.Shape)}");
                if (missing.Count > MostFaults)
                    break;
                continue;
            }

            known.Add(found.Name);
            if (!found.Shape.SequenceEqual(tensor.Shape))
                mismatched.Add($"{found.Name}: file {Shown(found.Shape)}, model {Shown(tensor.Shape)}");
            else
                _matched.Add((tensor, found.Name));
        }

        if (!_config.UntiedOutput && Output is { } output)
            known.Add(output.Name);
        var unexpected = _names.Tensors.Where(t => !known.Contains(t.Value.Name) && !IsDerived(t.Key))
            .Select(t => $"{MessageText.Printable(t.Value.Name)} {Shown(t.Value.Shape)}");
        return new WeightReport([.. _matched.Select(m => m.Source)], missing, [.. unexpected], mismatched);
    }

    private static string Shown(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>The file's tensor for a weight; a tied one may be there as the output projection only.</summary>
    private WeightInfo? Find(ModelTensor tensor) =>
        _names.Find(tensor) ?? (tensor.Name == ModelTensor.Embedding && !_config.UntiedOutput ? Output : null);

    private WeightInfo? Output => _names.Find(_names.Naming == WeightNaming.Reference ? ModelTensor.Output : ModelTensor.HuggingFaceOutput);

    /// <summary>Tables that some versions store although they follow from the configuration.</summary>
    private static bool IsDerived(string name) =>
        name is "pos_cis" or "freqs_cos" or "freqs_sin" || name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal);

    private void CheckTie()
    {
        var embedding = _matched.Find(m => m.Tensor.Name == ModelTensor.Embedding).Source;
        if (_config.UntiedOutput || embedding is null || Output is not { } output || output.Name == embedding)
            return;
        using var scope = NewDisposeScope();
        var (first, second) = (_file.Read(embedding), _file.Read(output.Name));
        if (!first.shape.SequenceEqual(second.shape) || first.dtype != second.dtype || !first.equal(second).all().item<bool>())
            throw new WeightFileException(_file.FilePath, output.Name, $"differs from {embedding}; expected equal values, because the model ties them");
    }
}
