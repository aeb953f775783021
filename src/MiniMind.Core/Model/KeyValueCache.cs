using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Keys and values of a batch of sequences in all layers, and which of them each sequence may see. Shorter prompts are padded on the left; the
/// padding is masked, and every row counts its own positions.</summary>
internal sealed class KeyValueCache : IDisposable
{
    private readonly LayerCache[] _layers;
    private readonly bool _isPadded;
    private readonly int _lastPosition;
    private Tensor _keyMask;

    /// <param name="model">Gives sizes, dtype and device.</param>
    /// <param name="padding">How many tokens of padding each row begins with; they count among its tokens.</param>
    public KeyValueCache(MiniMindLM model, int[] padding)
    {
        var config = model.Config;
        (Padding, _isPadded, _lastPosition) = (padding, padding.Any(count => count > 0), config.MaxSeqLen - 1);
        _layers = [.. Enumerable.Range(0, config.NLayers).Select(_ =>
            new LayerCache(padding.Length, config.ResolvedNKVHeads, config.ResolvedHeadDim, model.ComputeType, model.Device))];
        _keyMask = zeros([_isPadded ? padding.Length : 1, 1, 1, 0], model.ComputeType, model.Device).DetachFromDisposeScope();
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
        if (_isPadded)
            ReplaceMask(_keyMask.index_select(0, kept));
    }

    /// <summary>Rotary factors of the next positions, <c>[1 or B, T, 1, D/2]</c>. A finished row may be carried along beyond the longest sequence.</summary>
    public Tensor SelectFactors(Tensor frequencies, int count)
    {
        if (!_isPadded)
            return frequencies.narrow(0, Length, count).view(1, count, 1, -1);
        var positions = new long[Padding.Length * count];
        for (var b = 0; b < Padding.Length; b++)
            for (var t = 0; t < count; t++)
                positions[(b * count) + t] = Math.Clamp(Length + t - Padding[b], 0, _lastPosition);
        return frequencies.index_select(0, tensor(positions).to(frequencies.device)).view(Padding.Length, count, 1, -1);
    }

    /// <summary>Makes room for the next positions and gives their mask: 0 for what a position may see, −∞ for padding and for what follows it. Of several
    /// positions <c>[B, 1, T, S]</c>, none where plain causal attention does the same; of one position over the whole buffers,
    /// <c>[B or 1, 1, 1, capacity]</c>.</summary>
    public Tensor? PrepareMask(int count)
    {
        using var scope = NewDisposeScope();
        Grow(Length + count);
        Reveal(count);
        if (count == 1)
            return _keyMask.alias().MoveToOuterDisposeScope();
        if (!_isPadded)
            return null;
        // Padding sees itself, so that its row of the softmax is not empty.
        var future_TS = empty([count, count], _keyMask.dtype, _keyMask.device).FillInPlace(double.NegativeInfinity).triu(1);
        var mask_B1TS = _keyMask.narrow(3, 0, Length + count).Plus(future_TS);
        mask_B1TS.diagonal(0, 2, 3).zero_();
        return mask_B1TS.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var layer in _layers)
            layer.Dispose();
        _keyMask.Dispose();
    }

    private void Grow(int length)
    {
        var old = _keyMask.shape[3];
        if (length <= old)
            return;
        var capacity = ShapeRounding.RoundCapacity(length);
        foreach (var layer in _layers)
            layer.Grow(capacity);
        ReplaceMask(cat([_keyMask, _keyMask.new_empty([_keyMask.shape[0], 1, 1, capacity - old]).FillInPlace(double.NegativeInfinity)], 3));
    }

    private void Reveal(int count)
    {
        var mask_B11T = _keyMask.narrow(3, Length, count).zero_();
        for (var b = 0; _isPadded && b < Padding.Length; b++)
            if (Padding[b] > Length)
                mask_B11T[b].narrow(2, 0, Math.Min(Padding[b] - Length, count)).FillInPlace(double.NegativeInfinity);
    }

    private void ReplaceMask(Tensor mask)
    {
        _keyMask.Dispose();
        _keyMask = mask.DetachFromDisposeScope();
    }
}
