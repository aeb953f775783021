using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Keeps a model's weights in the compute dtype, cast once for many uses. In training the copies are the graph's leaves:
/// <see cref="CollectGradients"/> brings their gradients to the fp32 weights, where they add up.</summary>
internal sealed class CastWeights : WeightCopies
{
    public CastWeights(nn.Module model, ScalarType dtype, bool forTraining)
        : base(model)
    {
        using var noGrad = no_grad();
        foreach (var module in Modules)
            module.Cast = module.Weight.to_type(dtype).DetachFromDisposeScope().requires_grad_(forTraining);
    }

    /// <summary>One use more, of the weights as they are now; none if the last has ended.</summary>
    public CastWeights? TryShare(bool forTraining)
    {
        if (!TryAddUse())
            return null;
        Refresh();
        if (forTraining)
            foreach (var module in Modules)
                module.Cast!.requires_grad_();
        return this;
    }

    /// <summary>Casts again, after the weights have changed.</summary>
    public void Refresh()
    {
        using var noGrad = no_grad();
        foreach (var module in Modules)
            module.Cast!.copy_(module.Weight);
    }

    /// <summary>Brings the copies' gradients to the weights and clears them.</summary>
    /// <param name="accumulates">Whether they are added to the weights' gradients; otherwise they replace them, which need not be read then.</param>
    public void CollectGradients(bool accumulates)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var module in Modules)
        {
            if (module.Cast?.grad is not { } gradient)
                continue;
            if (accumulates)
                module.Weight.grad!.AddInPlace(gradient);
            else
                module.Weight.grad!.copy_(gradient);
            module.Cast.grad = null;
        }
    }

    protected override void Free(ICastable module)
    {
        module.Cast?.Dispose();
        module.Cast = null;
    }
}
