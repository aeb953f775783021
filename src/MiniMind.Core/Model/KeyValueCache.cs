using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Keys and values of a batch of sequences in all layers, and which of them each sequence may see. Shorter prompts are padded on the left; the
/// padding is masked, and every row counts its own positions.</summary>
internal sealed class KeyValueCache : IDisposable
{
    private readonly LayerCache[] _layers;
    private Tensor? _keyMask;
    private readonly int _lastPosition;

    /// <param name="model">Gives sizes, dtype and device.</param>
    /// <param name="padding">How many tokens of padding each row begins with; they count among the capacity.</param>
    /// <param name="capacity">Most tokens of a row.</param>
    public KeyValueCache(MiniMindLM model, int[] padding, int capacity)
    {
        var config = model.Config;
        (Padding, _lastPosition) = (padding, config.MaxSeqLen - 1);
        _layers = [.. Enumerable.Range(0, config.NLayers).Select(_ =>
            new LayerCache(padding.Length, config.ResolvedNKVHeads, capacity, config.ResolvedHeadDim, model.ComputeType, model.Device))];
        if (padding.Any(count => count > 0))
            _keyMask = CreateKeyMask(capacity, model.ComputeType, model.Device);
    }

    /// <summary>How many tokens of padding each row begins with.</summary>
    public int[] Padding { get; private set; }

    /// <summary>Tokens of a row that all layers hold.</summary>
    public int Length { get; private set; }

    public LayerCache this[int layer] => _layers[layer];

    public void Advance(int count) => Length += count;

    /// <summary>Goes on with some of the rows only.</summary>
    public void KeepRows(int[] rows, Device device)
    {
        using var scope = NewDisposeScope();
        var kept = tensor(Array.ConvertAll(rows, row => (long)row)).to(device);
        foreach (var layer in _layers)
            layer.KeepRows(kept);
        Padding = Array.ConvertAll(rows, row => Padding[row]);
        var mask = _keyMask;
        _keyMask = mask?.index_select(0, kept).DetachFromDisposeScope();
        mask?.Dispose();
    }

    /// <summary>Rotary factors of the next positions, <c>[1 or B, T, 1, D/2]</c>. A finished row may be carried along beyond the longest sequence.</summary>
    public Tensor SelectFactors(Tensor frequencies, int count)
    {
        if (_keyMask is null)
            return frequencies.narrow(0, Length, count).view(1, count, 1, -1);
        var positions = new long[Padding.Length * count];
        for (var b = 0; b < Padding.Length; b++)
            for (var t = 0; t < count; t++)
                positions[(b * count) + t] = Math.Clamp(Length + t - Padding[b], 0, _lastPosition);
        return frequencies.index_select(0, tensor(positions).to(frequencies.device)).view(Padding.Length, count, 1, -1);
    }

    /// <summary>The mask of the next positions, <c>[B, 1, T, S]</c>: 0 for what a position may see, −∞ for padding and for what follows it; none where
    /// plain causal attention does the same.</summary>
    public Tensor? CreateMask(int count)
    {
        if (_keyMask is null)
            return null;
        var keys_B11S = _keyMask.narrow(3, 0, Length + count);
        if (count == 1)
            return keys_B11S.clone();
        // Padding sees itself, so that its row of the softmax is not empty.
        var future_TS = full([count, count], float.NegativeInfinity, _keyMask.dtype, _keyMask.device).triu(1);
        var mask_B1TS = keys_B11S + future_TS;
        mask_B1TS.diagonal(0, 2, 3).fill_(0);
        return mask_B1TS;
    }

    public void Dispose()
    {
        foreach (var layer in _layers)
            layer.Dispose();
        _keyMask?.Dispose();
    }

    private Tensor CreateKeyMask(int capacity, ScalarType dtype, Device device)
    {
        var values = new float[Padding.Length * capacity];
        for (var b = 0; b < Padding.Length; b++)
            values.AsSpan(b * capacity, Padding[b]).Fill(float.NegativeInfinity);
        using var scope = NewDisposeScope();
        return tensor(values, [Padding.Length, 1, 1, capacity]).to(dtype).to(device).DetachFromDisposeScope();
    }
}
