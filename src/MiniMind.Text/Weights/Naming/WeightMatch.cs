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

    /// <summary>The file.</summary>
    public IWeightFile File => _file;

    /// <summary>Whether queries' and keys' rows are those of halves of a head.</summary>
    public bool IsInHalves => _names.Naming == WeightNaming.HuggingFace;

    /// <summary>What matches: the model's weight, and what the file calls it.</summary>
    /// <exception cref="WeightFileException">A weight has elements that are no floating-point numbers, or a tied weight has two values.</exception>
    public IReadOnlyList<(ModelTensor Tensor, WeightInfo Source)> RequireReadable()
    {
        CheckTie();
        foreach (var (_, source) in _matched)
            if (_file.Tensors[source] is { DType: not (null or WeightDType.Float64 or WeightDType.Float32 or WeightDType.Float16 or WeightDType.BFloat16) } integers)
                throw new WeightFileException(_file.FilePath, source, $"its elements are {integers.ElementType}; expected floating-point weights, which quantised ones are not");
        return [.. _matched.Select(m => (m.Tensor, _file.Tensors[m.Source]))];
    }

    /// <summary>What is thrown where a weight is no finite number.</summary>
    public WeightFileException NotFinite(WeightInfo source) =>
        new(_file.FilePath, source.Name, "it holds values that are not finite numbers (NaN or infinity); expected weights of a model that has not diverged");

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
        return new WeightReport { Loaded = [.. _matched.Select(m => m.Source)], Missing = missing, Unexpected = [.. unexpected], Mismatched = mismatched };
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
        var first = _file.Tensors[embedding];
        if (!first.Shape.SequenceEqual(output.Shape) || first.DType != output.DType || !AreEqual(first, output))
            throw new WeightFileException(_file.FilePath, output.Name, $"differs from {embedding}; expected equal values, because the model ties them");
    }

    private bool AreEqual(WeightInfo a, WeightInfo b)
    {
        if (a.Shape.Contains(0))
            return true;
        var equal = true;
        var (floats, bytes) = (Array.Empty<float>(), Array.Empty<byte>());
        ElementConversion.ForEachPiece(_file, a, (first, values) =>
        {
            if (floats.Length < values.Length)
                (floats, bytes) = (new float[values.Length], new byte[values.Length * sizeof(double)]);
            var part = bytes.AsSpan(0, values.Length * ElementType.SizeOf(b.DType!.Value));
            _file.ReadElements(b.Name, first, part);
            ElementConversion.ToSingle(b.DType.Value, part, floats.AsSpan(0, values.Length));
            for (var i = 0; i < values.Length && equal; i++)
                equal = values[i] == floats[i];
        });
        return equal;
    }
}
