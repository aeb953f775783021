using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Modules;

/// <summary>Keeps a model's weights in the compute dtype, cast once for many uses. In training the copies are the graph's leaves:
/// <see cref="CollectGradients"/> brings their gradients to the fp32 weights, where they add up.</summary>
internal sealed class CastWeights : IDisposable
{
    private readonly ICastable[] _modules;
    private int _uses = 1;

    public CastWeights(nn.Module model, ScalarType dtype, bool forTraining)
    {
        _modules = [.. model.modules().OfType<ICastable>()];
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var module in _modules)
        {
            var cast = module.Weight.to_type(dtype);
            var laidOut = forTraining && LiesByColumns(module.Weight) ? cast.t().contiguous().t() : cast;
            module.Cast = laidOut.DetachFromDisposeScope().requires_grad_(forTraining);
        }
    }

    /// <summary>One use more, of the weights as they are now; none if the last has ended.</summary>
    public CastWeights? TryShare(bool forTraining)
    {
        lock (_modules)
        {
            if (_uses == 0)
                return null;
            _uses++;
            Refresh();
            if (forTraining)
                foreach (var module in _modules)
                    module.Cast!.requires_grad_();
            return this;
        }
    }

    /// <summary>Casts again, after the weights have changed.</summary>
    public void Refresh()
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var module in _modules)
            // Of one dtype, a matrix is turned several times as fast.
            module.Cast!.copy_(module.Cast.is_contiguous() ? module.Weight : module.Weight.to_type(module.Cast.dtype));
    }

    /// <summary>Adds the copies' gradients to the weights' and clears them.</summary>
    /// <param name="toZeros">Whether the weights' are zeros, which need not be read.</param>
    public void CollectGradients(bool toZeros)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var module in _modules)
        {
            if (module.Cast?.grad?.contiguous() is not { } gradient)
                continue;
            if (toZeros)
                module.Weight.grad!.copy_(gradient);
            else
                module.Weight.grad!.add_(gradient);
            module.Cast.grad = null;
        }
    }

    /// <summary>Ends one use; the last frees the copies.</summary>
    public void Dispose()
    {
        lock (_modules)
        {
            if (--_uses > 0)
                return;
            foreach (var module in _modules)
            {
                module.Cast?.Dispose();
                module.Cast = null;
            }
        }
    }

    /// <summary>A copy by columns is, in memory, a matrix of the flipped shape. If another weight has that shape, the products of both have the same
    /// shapes too, one's forward the other's backward: on the CPU a kernel is compiled for each, and kept.</summary>
    private bool LiesByColumns(Tensor weight) =>
        weight.device_type == DeviceType.CPU
        && weight.shape[0] < weight.shape[1]
        && _modules.Any(other => other.Weight.shape[0] == weight.shape[1] && other.Weight.shape[1] == weight.shape[0]);
}
