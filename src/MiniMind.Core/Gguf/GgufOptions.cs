using Microsoft.Extensions.Options;

namespace MiniMind;

/// <summary>What <see cref="GgufModel.SaveGguf"/> writes.</summary>
public sealed record GgufOptions
{
    /// <summary>Element type of the matrices. Default F16.</summary>
    public GgufType Type { get; set; } = GgufType.F16;

    /// <summary>The model's name in the file. Default MiniMind.</summary>
    public string Name { get; set; } = "MiniMind";

    /// <summary>Told of each tensor written; none by default.</summary>
    public IProgress<WeightProgress>? Progress { get; set; }

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(GgufOptions))
        .Require(Enum.IsDefined(Type), Type, $"one of {string.Join(", ", Enum.GetNames<GgufType>())}")
        .Require(!string.IsNullOrEmpty(Name), $"{nameof(Name)} is empty; expected the model's name.")
        .ThrowIfAny();
}
