using Microsoft.Extensions.Options;
using TorchSharp;

namespace MiniMind;

/// <summary>What <see cref="ModelWeights.SaveModel"/> writes.</summary>
public sealed record ModelSaveOptions
{
    /// <summary>Names, layout and configuration keys. Default: the reference's.</summary>
    public WeightNaming Naming { get; set; } = WeightNaming.Reference;

    /// <summary>Element type of the weights: Float32 (default), Float16 or BFloat16, to which they are rounded.</summary>
    public torch.ScalarType DType { get; set; } = torch.ScalarType.Float32;

    /// <summary>Weights beyond this many bytes are split over several files with an index; a larger tensor gets a file of its own. Default
    /// 5·10⁹, as Hugging Face splits.</summary>
    public long MaxShardBytes { get; set; } = 5_000_000_000;

    /// <summary>Written beside the weights; none by default.</summary>
    public MiniMindTokenizer? Tokenizer { get; set; }

    /// <summary>Told of each tensor written; none by default.</summary>
    public IProgress<WeightProgress>? Progress { get; set; }

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(ModelSaveOptions))
        .Require(DType is torch.ScalarType.Float32 or torch.ScalarType.Float16 or torch.ScalarType.BFloat16, DType, "Float32, Float16 or BFloat16")
        .Require(MaxShardBytes >= 1, MaxShardBytes, "1 or more")
        .Require(Enum.IsDefined(Naming), Naming, $"one of {string.Join(", ", Enum.GetNames<WeightNaming>())}")
        .ThrowIfAny();
}
