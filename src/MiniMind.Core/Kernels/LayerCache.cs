using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Keys and values of one layer, in dense buffers <c>[B, KV heads, capacity, head size]</c> that grow. What is not written yet is zero.</summary>
internal sealed class LayerCache(long batch, long kvHeads, long headDim, ScalarType dtype, Device device) : IDisposable
{
    private Tensor _keys = zeros([batch, kvHeads, 0, headDim], dtype, device).DetachFromDisposeScope();
    private Tensor _values = zeros([batch, kvHeads, 0, headDim], dtype, device).DetachFromDisposeScope();
    private long _length;

    /// <summary>All keys, <c>[B, K, capacity, D]</c>.</summary>
    public Tensor Keys => _keys;

    /// <summary>All values, <c>[B, K, capacity, D]</c>.</summary>
    public Tensor Values => _values;

    /// <summary>Makes room for so many tokens of a row.</summary>
    public void Grow(long capacity)
    {
        Replace(ref _keys, old => Lengthen(old, capacity));
        Replace(ref _values, old => Lengthen(old, capacity));
    }

    /// <summary>Writes <c>[B, K, T, D]</c> behind what is held, for which there is room.</summary>
    /// <returns>How many tokens of a row are held now.</returns>
    public long Append(Tensor keys_BKTD, Tensor values_BKTD)
    {
        using var scope = NewDisposeScope();
        var count = keys_BKTD.shape[2];
        _keys.narrow(2, _length, count).copy_(keys_BKTD);
        _values.narrow(2, _length, count).copy_(values_BKTD);
        return _length += count;
    }

    /// <summary>Goes on with some of the rows only, <c>[N]</c> int64.</summary>
    public void KeepRows(Tensor rows)
    {
        Replace(ref _keys, old => old.index_select(0, rows));
        Replace(ref _values, old => old.index_select(0, rows));
    }

    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
    }

    private Tensor Lengthen(Tensor old, long capacity)
    {
        var longer = old.new_zeros([old.shape[0], old.shape[1], capacity, old.shape[3]]);
        longer.narrow(2, 0, _length).copy_(old.narrow(2, 0, _length));
        return longer;
    }

    private static void Replace(ref Tensor buffer, Func<Tensor, Tensor> change)
    {
        using var scope = NewDisposeScope();
        var old = buffer;
        buffer = change(old).DetachFromDisposeScope();
        old.Dispose();
    }
}
