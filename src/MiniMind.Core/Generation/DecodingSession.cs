using MiniMind.Modules;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>A batch of sequences in a key/value cache: prompts go in once, then one token a row and step. Shorter prompts are padded on the left;
/// what is padding is masked, and every row counts its own positions. Not for more than one thread at a time.</summary>
internal sealed class DecodingSession : IDisposable
{
    private readonly MiniMindLM _model;
    private readonly LayerCache[] _cache;
    private readonly int _capacity;
    private readonly int[] _padding;
    private readonly Tensor? _keyMask;
    private readonly CastWeights? _weights;
    private int _length;

    /// <param name="model">The model, in evaluation mode.</param>
    /// <param name="prompts">At least one prompt, none of them empty.</param>
    /// <param name="maxNewTokens">How many tokens a row will get at most.</param>
    public DecodingSession(MiniMindLM model, IReadOnlyList<int[]> prompts, int maxNewTokens)
    {
        _model = model;
        var longest = prompts.Max(p => p.Length);
        _capacity = longest + maxNewTokens;
        _padding = [.. prompts.Select(p => longest - p.Length)];
        var config = model.Config;
        _cache = [.. Enumerable.Range(0, config.NLayers).Select(_ =>
            new LayerCache(prompts.Count, config.ResolvedNKVHeads, _capacity, config.ResolvedHeadDim, model.ComputeType, model.Device))];
        _weights = model.UseCastWeights();
        if (_padding.Any(p => p > 0))
            _keyMask = KeyMask();
    }

    /// <summary>Reads the prompts.</summary>
    /// <returns>Scores of each row's next token, <c>[B, V]</c> fp32 on the CPU.</returns>
    public Tensor Prefill(IReadOnlyList<int[]> prompts)
    {
        var longest = prompts.Max(p => p.Length);
        var ids = new long[prompts.Count * longest];
        for (var b = 0; b < prompts.Count; b++)
            for (var t = 0; t < prompts[b].Length; t++)
                ids[(b * longest) + _padding[b] + t] = prompts[b][t];
        return Forward(ids, longest);
    }

    /// <summary>Adds one token to each row.</summary>
    /// <returns>Scores of each row's next token, <c>[B, V]</c> fp32 on the CPU.</returns>
    public Tensor Step(ReadOnlySpan<int> tokens)
    {
        var ids = new long[tokens.Length];
        for (var b = 0; b < ids.Length; b++)
            ids[b] = tokens[b];
        return Forward(ids, 1);
    }

    public void Dispose()
    {
        foreach (var layer in _cache)
            layer.Dispose();
        _keyMask?.Dispose();
        _weights?.Dispose();
    }

    private Tensor Forward(long[] ids, int count)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var rows = _padding.Length;
        var ids_BT = tensor(ids, [rows, count]).to(_model.Device);
        var last = count == 1 ? null : new Selection(arange(count - 1, rows * count, count, ScalarType.Int64, _model.Device));
        var (hidden, _) = _model.Run(_model.Embedding.Embed(ids_BT), Positions(count), _cache, Mask(count), selected: last);
        _length += count;
        return _model.Project(hidden.view(rows, -1)).cpu().MoveToOuterDisposeScope();
    }

    /// <summary>Rotary factors of the next positions, <c>[1 or B, T, 1, D/2]</c>. A finished row may be carried along beyond the longest
    /// sequence.</summary>
    private Tensor Positions(int count)
    {
        if (_keyMask is null)
            return _model.RotaryTable.narrow(0, _length, count).view(1, count, 1, -1);
        var positions = new long[_padding.Length * count];
        for (var b = 0; b < _padding.Length; b++)
            for (var t = 0; t < count; t++)
                positions[(b * count) + t] = Math.Clamp(_length + t - _padding[b], 0, _model.Config.MaxSeqLen - 1);
        return _model.RotaryTable.index_select(0, tensor(positions).to(_model.Device)).view(_padding.Length, count, 1, -1);
    }

    /// <summary>Added to the scores: nothing for what a position may see, −∞ for padding and for what follows it; null where plain causal
    /// attention does the same.</summary>
    private Tensor? Mask(int count)
    {
        if (_keyMask is null)
            return null;
        var keys_B11S = _keyMask.narrow(3, 0, _length + count);
        if (count == 1)
            return keys_B11S.clone();
        // Padding sees itself, so that its row of the softmax is not empty.
        var future_TS = full([count, count], float.NegativeInfinity, _model.ComputeType, _model.Device).triu(1);
        var mask_B1TS = keys_B11S + future_TS;
        mask_B1TS.diagonal(0, 2, 3).fill_(0);
        return mask_B1TS;
    }

    private Tensor KeyMask()
    {
        var values = new float[_padding.Length * _capacity];
        for (var b = 0; b < _padding.Length; b++)
            values.AsSpan(b * _capacity, _padding[b]).Fill(float.NegativeInfinity);
        using var scope = NewDisposeScope();
        return tensor(values, [_padding.Length, 1, 1, _capacity]).to(_model.ComputeType).to(_model.Device).DetachFromDisposeScope();
    }
}
