using System.Globalization;
using System.Text.RegularExpressions;

namespace MiniMind;

/// <summary>The configuration that a MiniMind model's tensors tell by their names and shapes, completed by the defaults of the generation that has
/// such names: the reference, MiniMind2, or minimind-3 (query and key norms).</summary>
internal sealed partial class ConfigFromShapes(IWeightFile file)
{
    private static readonly LMConfig Everything = new() { NLayers = 1, NRoutedExperts = 1, NumExpertsPerTok = 1, QKNorm = true };

    /// <summary>The weights of one block with everything a block may have, and of what is around it.</summary>
    private static readonly Dictionary<string, ModelTensor> FirstOfEach =
        ModelTensor.List(Everything).Concat(ModelTensor.List(Everything with { UseMoe = true })).DistinctBy(t => t.Name).ToDictionary(t => t.Name);

    private readonly WeightNames _names = new(file);

    /// <exception cref="WeightFileException">A tensor that tells a size is not there, or has other dimensions.</exception>
    public LMConfig Infer(int heads)
    {
        const string queryNorm = "layers.0.attention.q_norm.weight";
        var (embedding, query) = (Sizes(ModelTensor.Embedding), Sizes("layers.0.attention.wq.weight"));
        var qkNorm = Find(queryNorm) is not null;
        var headDim = qkNorm ? Sizes(queryNorm, dimensions: 1)[0] : query[0] / heads;
        if (headDim == 0 || query[0] % headDim != 0)
            throw new WeightFileException(file.FilePath, null, $"the queries have {query[0]} rows, expected a multiple of {(qkNorm ? $"the head size {headDim}" : $"{heads} heads")}.");
        var config = new LMConfig
        {
            VocabSize = embedding[0],
            Dim = embedding[1],
            NLayers = 1 + Numbers(LayerNumber()).DefaultIfEmpty(0).Max(),
            NHeads = query[0] / headDim,
            NKVHeads = Sizes("layers.0.attention.wk.weight")[0] / headDim,
            HeadDim = query[0] == embedding[1] ? null : headDim,
            QKNorm = qkNorm,
            NormEps = qkNorm ? 1e-6 : 1e-5,
            MaxSeqLen = _names.Naming == WeightNaming.Reference ? 8192 : 32768,
        };
        var experts = Numbers(ExpertNumber()).ToList();
        return experts.Count == 0
            ? config with { HiddenDim = Sizes("layers.0.feed_forward.w1.weight")[0] }
            : WithExperts(config, 1 + experts.Max());
    }

    private LMConfig WithExperts(LMConfig config, int count)
    {
        var width = Sizes("layers.0.feed_forward.experts.0.w1.weight")[0];
        var moe = config with { UseMoe = true, NRoutedExperts = count, HiddenDim = width, UseSharedExpert = Find("layers.0.feed_forward.shared_experts.w1.weight") is not null };
        return _names.Naming == WeightNaming.Reference ? moe
            : config.QKNorm ? moe with { NumExpertsPerTok = 1, NormTop1Prob = true, SeqAux = false, AuxLossAlpha = 5e-4 }
            : moe with { AuxLossAlpha = 0.01 };
    }

    /// <summary>The file's tensor for a weight, by its name in the reference's manner.</summary>
    private WeightInfo? Find(string name) => _names.Find(FirstOfEach[name]);

    private int[] Sizes(string name, int dimensions = 2)
    {
        var found = Find(name);
        return found?.Shape.Count == dimensions && found.Shape.All(size => size is > 0 and <= int.MaxValue)
            ? [.. found.Shape.Select(size => (int)size)]
            : throw new WeightFileException(
                file.FilePath,
                found?.Name ?? FirstOfEach[name].NameIn(_names.Naming),
                $"{(found is null ? "it is not there" : $"its shape is [{string.Join(", ", found.Shape)}]")}, expected a MiniMind model's weights, here {dimensions} dimensions.");
    }

    private IEnumerable<int> Numbers(Regex pattern) => _names.Tensors.Keys
        .Select(name => pattern.Match(name))
        .Where(match => match.Success)
        .Select(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^layers\.(\d{1,4})\.")]
    private static partial Regex LayerNumber();

    [GeneratedRegex(@"^layers\.0\.(?:feed_forward|mlp)\.experts\.(\d{1,4})\.")]
    private static partial Regex ExpertNumber();
}
