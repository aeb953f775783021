using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>A module whose fp32 weight enters matrix products in the compute dtype.</summary>
internal interface ICastable
{
    Parameter Weight { get; }

    /// <summary>The weight in the compute dtype while <see cref="CastWeights"/> keeps it; none to cast at each use.</summary>
    Tensor? Cast { get; set; }

    /// <summary>The weight in oneDNN's own order while <see cref="PackedWeights"/> keeps it.</summary>
    Tensor? Packed { get; set; }
}
