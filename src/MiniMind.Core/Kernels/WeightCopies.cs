using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Copies of a model's weights in another form, kept for many uses that share them; the last use frees them.</summary>
internal abstract class WeightCopies(nn.Module model) : IDisposable
{
    private readonly Lock _lock = new();
    private int _uses = 1;

    protected ICastable[] Modules { get; } = [.. model.modules().OfType<ICastable>()];

    /// <summary>One use more; false if the last has ended.</summary>
    public bool TryAddUse()
    {
        lock (_lock)
        {
            if (_uses == 0)
                return false;
            _uses++;
            return true;
        }
    }

    /// <summary>Ends one use; the last frees the copies.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (--_uses > 0)
                return;
            foreach (var module in Modules)
                Free(module);
        }
    }

    /// <summary>Frees a module's copy.</summary>
    protected abstract void Free(ICastable module);
}
