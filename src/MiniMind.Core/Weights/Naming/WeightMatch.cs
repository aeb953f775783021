using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Which of a file's tensors are which weights of a model, found out by name and shape before anything is read.</summary>
internal sealed class WeightMatch
{
    private const int MostFaults = 10_000;

    private readonly IWeightFile _file;
    private readonly WeightNaming _naming;
    private readonly LMConfig _config;
    private readonly List<ModelTensor> _matched = [];

    public WeightMatch(IWeightFile file, LMConfig config)
    {
        (_file, _config) = (file, config);
        _naming = DetectNaming(file.Tensors.Keys);
        Report = Compare();
    }

    public WeightReport Report { get; }

    /// <summary>The naming that tensor names follow.</summary>
    public static WeightNaming DetectNaming(IEnumerable<string> names) =>
        names.Any(n => n.StartsWith("model.", StringComparison.Ordinal) || n == ModelTensor.HuggingFaceOutput) ? WeightNaming.HuggingFace : WeightNaming.Reference;

    /// <summary>Reads what matches, fp32 on the CPU in the layout of the model; the caller disposes of each (or its dispose scope does).</summary>
    /// <exception cref="WeightFileException">A tensor cannot be read, or a tied weight has two values.</exception>
    public IEnumerable<(ModelTensor Tensor, Tensor Value)> Read()
    {
        CheckTie();
        foreach (var tensor in _matched)
        {
            var value = _file.Read(Source(tensor), CPU, ScalarType.Float32);
            if (_naming == WeightNaming.HuggingFace && tensor.RotaryHeads > 0)
            {
                using var halves = value;
                value = RotaryLayout.ToPairs(halves, tensor.RotaryHeads);
            }

            yield return (tensor, value);
        }
    }

    private WeightReport Compare()
    {
        List<string> missing = [], mismatched = [];
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in ModelTensor.List(_config))
        {
            var source = Source(tensor);
            known.Add(source);
            if (!_file.Tensors.TryGetValue(source, out var found))
                missing.Add($"{tensor.NameIn(_naming)} {Shown(tensor.Shape)}");
            else if (!found.Shape.SequenceEqual(tensor.Shape))
                mismatched.Add($"{source}: file {Shown(found.Shape)}, model {Shown(tensor.Shape)}");
            else
                _matched.Add(tensor);
            if (missing.Count > MostFaults)
                break;
        }

        if (!_config.UntiedOutput)
            known.Add(OutputName);
        var unexpected = _file.Tensors.Values.Where(t => !known.Contains(t.Name) && !IsDerived(t.Name)).Select(t => $"{MessageText.Printable(t.Name)} {Shown(t.Shape)}");
        return new WeightReport([.. _matched.Select(Source)], missing, [.. unexpected], mismatched);
    }

    private static string Shown(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>The file's name of a weight; a tied one may be there as the output projection only.</summary>
    private string Source(ModelTensor tensor)
    {
        var name = tensor.NameIn(_naming);
        return tensor.Name == ModelTensor.Embedding && !_config.UntiedOutput && !_file.Tensors.ContainsKey(name) ? OutputName : name;
    }

    private string OutputName => _naming == WeightNaming.Reference ? ModelTensor.Output : ModelTensor.HuggingFaceOutput;

    /// <summary>Tables that some versions store although they follow from the configuration.</summary>
    private static bool IsDerived(string name) =>
        name is "pos_cis" or "model.freqs_cos" or "model.freqs_sin" || name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);

    private void CheckTie()
    {
        var embedding = _matched.FirstOrDefault(t => t.Name == ModelTensor.Embedding)?.NameIn(_naming);
        if (_config.UntiedOutput || embedding is null || !_file.Tensors.ContainsKey(OutputName) || !_file.Tensors.ContainsKey(embedding))
            return;
        using var scope = NewDisposeScope();
        var (first, second) = (_file.Read(embedding), _file.Read(OutputName));
        if (!first.shape.SequenceEqual(second.shape) || first.dtype != second.dtype || !first.equal(second).all().item<bool>())
            throw new WeightFileException(_file.FilePath, OutputName, $"differs from {embedding}; expected equal values, because the model ties them");
    }
}
