using static TorchSharp.torch;

namespace MiniMind;

/// <summary>A batch of sequences in a key/value cache: prompts go in once, then one token for each row and step. Not for more than one thread at a
/// time.</summary>
internal sealed class DecodingSession : IDecodingSession
{
    private readonly MiniMindLM _model;
    private readonly KeyValueCache _cache;
    private readonly IDisposable? _weights;
    private float[] _scores = [];

    /// <param name="model">The model.</param>
    /// <param name="prompts">At least one prompt, none of them empty.</param>
    public DecodingSession(MiniMindLM model, IReadOnlyList<int[]> prompts)
    {
        _model = model;
        var longest = prompts.Max(p => p.Length);
        _cache = new KeyValueCache(model, [.. prompts.Select(p => longest - p.Length)]);
        _weights = model.UseFixedWeights();
    }

    /// <summary>Reads the prompts.</summary>
    /// <returns>Scores of each row's next token, <c>[B, V]</c> fp32 on the CPU.</returns>
    public Tensor Prefill(IReadOnlyList<int[]> prompts)
    {
        var longest = prompts.Max(p => p.Length);
        var ids = new long[prompts.Count * longest];
        for (var b = 0; b < prompts.Count; b++)
            for (var t = 0; t < prompts[b].Length; t++)
                ids[(b * longest) + _cache.Padding[b] + t] = prompts[b][t];
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

    /// <summary>Goes on with some of the rows only.</summary>
    public void KeepRows(int[] rows) => _cache.KeepRows(rows, _model.Device);

    Span<float> IDecodingSession.Prefill(IReadOnlyList<int[]> prompts) => Scores(Prefill(prompts));

    Span<float> IDecodingSession.Step(ReadOnlySpan<int> tokens) => Scores(Step(tokens));

    public void Dispose()
    {
        _cache.Dispose();
        _weights?.Dispose();
    }

    private Span<float> Scores(Tensor scores_BV)
    {
        using (scores_BV)
        {
            var count = (int)scores_BV.numel();
            if (_scores.Length < count)
                _scores = new float[count];
            scores_BV.data<float>().CopyTo(_scores);
            return _scores.AsSpan(0, count);
        }
    }

    private Tensor Forward(long[] ids, int count)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var rows = _cache.Padding.Length;
        var layout = SequenceLayout.Full(rows, count);
        if (count > 1)
            layout = layout.SelectInSequences([.. Enumerable.Repeat<int[]>([count - 1], rows)]);
        var (hidden, _) = _model.ForwardHidden(new ForwardInput(tensor(ids, [rows, count]).to(_model.Device)) { Layout = layout, Cache = _cache });
        return _model.Project(hidden.view(rows, -1)).cpu().MoveToOuterDisposeScope();
    }
}
