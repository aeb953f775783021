using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Keys and values of one layer, in buffers <c>[B, KV heads, capacity, head size]</c> allocated once.</summary>
internal sealed class LayerCache : IDisposable
{
    private Tensor _keys;
    private Tensor _values;
    private long _length;

    public LayerCache(long batch, long kvHeads, long capacity, long headDim, ScalarType dtype, Device device)
    {
        _keys = zeros([batch, kvHeads, capacity, headDim], dtype, device).DetachFromDisposeScope();
        _values = zeros([batch, kvHeads, capacity, headDim], dtype, device).DetachFromDisposeScope();
    }

    /// <summary>Writes <c>[B, K, T, D]</c> behind what is held, and returns all keys and values so far, as views <c>[B, K, S, D]</c>.</summary>
    public (Tensor Keys, Tensor Values) Append(Tensor keys_BKTD, Tensor values_BKTD)
    {
        var count = keys_BKTD.shape[2];
        _keys.narrow(2, _length, count).copy_(keys_BKTD);
        _values.narrow(2, _length, count).copy_(values_BKTD);
        _length += count;
        return (_keys.narrow(2, 0, _length), _values.narrow(2, 0, _length));
    }

    /// <summary>Goes on with some of the rows only, <c>[N]</c> int64.</summary>
    public void KeepRows(Tensor rows)
    {
        var (keys, values) = (_keys, _values);
        (_keys, _values) = (keys.index_select(0, rows).DetachFromDisposeScope(), values.index_select(0, rows).DetachFromDisposeScope());
        keys.Dispose();
        values.Dispose();
    }

    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
    }
}
