namespace MiniMind.Inference;

/// <summary>Passes of tokens through the model; what all workers of a team do, phase by phase. The tokens of a pass may be of one sequence or of many, each at its own
/// position.</summary>
/// <remarks>N rows (tokens of a pass), C the model's width, H query heads, K key/value heads, D numbers of a head, F hidden width.</remarks>
internal sealed unsafe class ForwardWork : IDisposable
{
    /// <summary>So few rows each worker normalizes for itself, which is faster than to wait for another.</summary>
    private const int FewRows = 4;

    private readonly LMConfig _config;
    private readonly ModelWeightSet _weights;
    private readonly KernelSet _kernels;
    private readonly WorkerTeam _team;
    private readonly PassBuffers _buffers;
    private readonly ExpertChoice? _choice;
    private readonly Action<int> _work;
    private readonly float[] _frequencies;
    private readonly float _rotaryFactor;
    private readonly int _queries;
    private readonly int _kv;
    private readonly int _head;
    private readonly int _group;
    private PassRow[] _rows = [];
    private int[] _results = [];
    private int _count;
    private int _resultCount;
    private bool _sharesSequences;

    public ForwardWork(LMConfig config, ModelWeightSet weights, KernelSet kernels, WorkerTeam team)
    {
        (_config, _weights, _kernels, _team) = (config, weights, kernels, team);
        (_head, _group) = (config.ResolvedHeadDim, config.NHeads / config.ResolvedNKVHeads);
        (_queries, _kv) = (config.NHeads * _head, config.ResolvedNKVHeads * _head);
        _buffers = new PassBuffers(config, team.Count, FewRows);
        _choice = config.UseMoe ? new ExpertChoice(config) : null;
        (_frequencies, _rotaryFactor) = RotaryFrequencies.Of(config);
        _work = Work;
    }

    /// <summary>The most phases of a pass: of each block seven for attention and three for a network, and of experts one for their choice, and two more for each.</summary>
    public static int MostPhases(LMConfig config) => 3 + (config.NLayers * (10 + (config.UseMoe ? 1 + (5 * (config.NRoutedExperts + 1)) : 0)));

    /// <summary>Takes tokens through the model.</summary>
    /// <param name="rows">The tokens; their sequences have room for them.</param>
    /// <param name="results">The rows whose next token's scores are wanted.</param>
    /// <returns>Scores <c>[results, V]</c>, until the next pass.</returns>
    public ReadOnlySpan<float> Run(ReadOnlySpan<PassRow> rows, ReadOnlySpan<int> results)
    {
        if (_rows.Length < rows.Length)
            _rows = new PassRow[rows.Length];
        if (_results.Length < results.Length)
            _results = new int[results.Length];
        rows.CopyTo(_rows);
        results.CopyTo(_results);
        (_count, _resultCount, _sharesSequences) = (rows.Length, results.Length, false);
        for (var n = 1; n < _count && !_sharesSequences; n++)
            _sharesSequences = rows[n].Sequence == rows[n - 1].Sequence;
        _buffers.Reserve(rows.Length, results.Length);
        _choice?.Reserve(rows.Length);
        _team.Run(_work);
        return new ReadOnlySpan<float>(_buffers.Logits, _resultCount * _config.VocabSize);
    }

    public void Dispose() => _buffers.Dispose();

    private void Work(int worker)
    {
        var phase = 0;
        for (var n = worker; n < _count; n += _team.Count)
        {
            _kernels.Embed(_weights.Embedding, _rows[n].Token, _buffers.Hidden + ((long)n * _config.Dim));
            RotaryFrequencies.Factors(_frequencies, _rotaryFactor, _rows[n].Position, _buffers.Rotary + ((long)n * _head));
        }

        _team.Meet(phase++);
        for (var block = 0; block < _weights.Blocks.Count; block++)
            Block(worker, block, _weights.Blocks[block], ref phase);

        // The last norm and the projection, of the rows that are asked for.
        var normed = _buffers.Normed;
        for (var r = worker; r < _resultCount; r += _team.Count)
        {
            var to = normed + ((long)r * _config.Dim);
            _kernels.Vectors.Normalize(_buffers.Hidden + ((long)_results[r] * _config.Dim), (float*)_weights.Norm, (float)_config.NormEps, _config.Dim, to);
            if (_kernels.Products.Interleaves)
                _kernels.Products.Arrange(to, _buffers.Arranged + ((long)r * _config.Dim), _config.Dim);
        }

        _team.Meet(phase++);
        var inputs = _kernels.Products.Interleaves ? _buffers.Arranged : normed;
        Multiply(phase, _weights.Output, inputs, _config.Dim, _resultCount, _buffers.Logits, _config.VocabSize, adds: false);
        _team.Meet(phase++);
    }

    private void Block(int worker, int block, BlockWeights weights, ref int phase)
    {
        var normed = Normalize(worker, weights.AttentionNorm, ref phase);
        var (queryParts, keyParts) = (Parts(_queries).Count, Parts(_kv).Count);
        for (int part; (part = _team.Take(phase)) < queryParts + (2 * keyParts);)
        {
            if (part < queryParts)
                MultiplyPart(part, weights.Query, normed, _config.Dim, _count, _buffers.Queries, _queries, adds: false);
            else if (part < queryParts + keyParts)
                MultiplyPart(part - queryParts, weights.Key, normed, _config.Dim, _count, _buffers.Keys, _kv, adds: false);
            else
                MultiplyPart(part - queryParts - keyParts, weights.Value, normed, _config.Dim, _count, _buffers.Values, _kv, adds: false);
        }

        _team.Meet(phase++);

        var heads = _config.ResolvedNKVHeads;
        if (_sharesSequences)
        {
            for (int part; (part = _team.Take(phase)) < _count * heads;)
                Keep(weights, block, part / heads, part % heads);
            _team.Meet(phase++);
        }

        for (int part; (part = _team.Take(phase)) < _count * heads;)
        {
            // The longest first, so that no worker is left with one at the end.
            var (n, head) = (_count - 1 - (part / heads), part % heads);
            if (!_sharesSequences)
                Keep(weights, block, n, head);
            Attend(worker, weights, block, n, head);
        }

        _team.Meet(phase++);
        var attended = Arrange(worker, _buffers.Attended, _queries, ref phase);
        Multiply(phase, weights.Output, attended, _queries, _count, _buffers.Hidden, _config.Dim, adds: true);
        _team.Meet(phase++);

        if (weights.Experts.Count > 0)
            MixExperts(worker, weights, ref phase);
        else
            FeedForward(worker, weights.FeedForward!, Normalize(worker, weights.FeedForwardNorm, ref phase), _count, _buffers.Hidden, adds: true, ref phase);
    }

    /// <summary>Turns a key and puts it and its value into their sequence's cache.</summary>
    private void Keep(BlockWeights weights, int block, int n, int head)
    {
        var row = _rows[n];
        var key = _buffers.Keys + ((long)n * _kv) + (head * _head);
        NormAndRotate(key, weights.KeyNorm, n);
        var place = (long)row.Position * _head;
        new ReadOnlySpan<float>(key, _head).CopyTo(new Span<float>(row.Sequence.Keys(block, head) + place, _head));
        new ReadOnlySpan<float>(_buffers.Values + ((long)n * _kv) + (head * _head), _head).CopyTo(new Span<float>(row.Sequence.Values(block, head) + place, _head));
    }

    /// <summary>The queries that share a key/value head.</summary>
    private void Attend(int worker, BlockWeights weights, int block, int n, int head)
    {
        var (row, scores) = (_rows[n], (nint)_buffers.ScoresOf(worker));
        var queries = _buffers.Queries + ((long)n * _queries) + (head * _group * _head);
        for (var h = 0; h < _group; h++)
            NormAndRotate(queries + (h * _head), weights.QueryNorm, n);
        var length = row.Position + 1;
        var keys = new WeightMatrix((nint)row.Sequence.Keys(block, head), 0, length, _head, _head * sizeof(float));
        _kernels.Fp32.Multiply(keys, 0, length, queries, _head, _group, (float*)scores, length, adds: false);
        var attended = _buffers.Attended + ((long)n * _queries) + (head * _group * _head);
        var totals = stackalloc float[_group];
        for (var h = 0; h < _group; h++)
            totals[h] = _kernels.Vectors.Exponentials((float*)scores + ((long)h * length), 1 / MathF.Sqrt(_head), length);
        _kernels.Vectors.Mix((float*)scores, length, _group, row.Sequence.Values(block, head), length, _head, attended);
        for (var h = 0; h < _group; h++)
            _kernels.Vectors.Scale(attended + (h * _head), 1 / totals[h], _head);
    }

    private void NormAndRotate(float* x, nint norm, int n)
    {
        if (norm != 0)
            _kernels.Vectors.Normalize(x, (float*)norm, (float)_config.NormEps, _head, x);
        RotaryFrequencies.Rotate(x, _buffers.Rotary + ((long)n * _head), _head, _weights.RotatesHalves);
    }

    private void FeedForward(int worker, FeedForwardWeights weights, float* inputs, int count, float* to, bool adds, ref int phase)
    {
        var hidden = weights.Gate.Rows;
        var (parts, size) = Parts(hidden);
        for (int part; (part = _team.Take(phase)) < parts;)
        {
            var (row, rows) = (part * size, Math.Min(size, hidden - (part * size)));
            _kernels.Products.Multiply(weights.Gate, row, rows, inputs, _config.Dim, count, _buffers.Gates, hidden, adds: false);
            _kernels.Products.Multiply(weights.Up, row, rows, inputs, _config.Dim, count, _buffers.Ups, hidden, adds: false);
            for (var n = 0; n < count; n++)
                _kernels.Vectors.Gate(_buffers.Gates + ((long)n * hidden) + row, _buffers.Ups + ((long)n * hidden) + row, rows);
        }

        _team.Meet(phase++);
        var gated = Arrange(worker, _buffers.Gates, hidden, ref phase, count);
        Multiply(phase, weights.Down, gated, hidden, count, to, _config.Dim, adds);
        _team.Meet(phase++);
    }

    private void MixExperts(int worker, BlockWeights weights, ref int phase)
    {
        for (var n = worker; n < _count; n += _team.Count)
        {
            var normed = _buffers.Normed + ((long)n * _config.Dim);
            _kernels.Vectors.Normalize(_buffers.Hidden + ((long)n * _config.Dim), (float*)weights.FeedForwardNorm, (float)_config.NormEps, _config.Dim, normed);
            _choice!.Choose(n, _kernels.Fp32, weights.Router, normed);
        }

        _team.Meet(phase++);
        for (var e = 0; e < weights.Experts.Count; e++)
        {
            // All workers see the same choices, so that all leave an expert out that nobody wants.
            var count = _choice!.CountOf(e, _count);
            if (count == 0)
                continue;
            for (int n = 0, i = 0; n < _count; n++)
                if (_choice.WeightOf(n, e) is not null)
                {
                    if (i % _team.Count == worker)
                        Take(_buffers.Normed + ((long)n * _config.Dim), _buffers.Gathered + ((long)i * _config.Dim));
                    i++;
                }

            _team.Meet(phase++);
            FeedForward(worker, weights.Experts[e], _buffers.Gathered, count, _buffers.ExpertResults, adds: false, ref phase);
            for (int n = 0, i = 0; n < _count; n++)
                if (_choice.WeightOf(n, e) is { } weight)
                {
                    if (i % _team.Count == worker)
                        _kernels.Vectors.AddScaled(_buffers.ExpertResults + ((long)i * _config.Dim), weight, _config.Dim, _buffers.Hidden + ((long)n * _config.Dim));
                    i++;
                }

            _team.Meet(phase++);
        }

        if (weights.FeedForward is not { } shared)
            return;
        for (var n = worker; n < _count; n += _team.Count)
            Take(_buffers.Normed + ((long)n * _config.Dim), _buffers.Gathered + ((long)n * _config.Dim));
        _team.Meet(phase++);
        FeedForward(worker, shared, _buffers.Gathered, _count, _buffers.Hidden, adds: true, ref phase);
    }

    private void Take(float* normed, float* to)
    {
        if (_kernels.Products.Interleaves)
            _kernels.Products.Arrange(normed, to, _config.Dim);
        else
            new ReadOnlySpan<float>(normed, _config.Dim).CopyTo(new Span<float>(to, _config.Dim));
    }

    /// <summary>Normalized hidden states as products take them.</summary>
    private float* Normalize(int worker, nint weight, ref int phase)
    {
        var few = _count <= FewRows;
        var normed = few ? _buffers.OfWorker(worker) : _buffers.Normed;
        var arranged = few ? normed + (FewRows * _buffers.Widest) : _buffers.Arranged;
        for (var n = few ? 0 : worker; n < _count; n += few ? 1 : _team.Count)
        {
            var to = normed + ((long)n * _config.Dim);
            _kernels.Vectors.Normalize(_buffers.Hidden + ((long)n * _config.Dim), (float*)weight, (float)_config.NormEps, _config.Dim, to);
            if (_kernels.Products.Interleaves)
                _kernels.Products.Arrange(to, arranged + ((long)n * _config.Dim), _config.Dim);
        }

        if (!few)
            _team.Meet(phase++);
        return _kernels.Products.Interleaves ? arranged : normed;
    }

    private float* Arrange(int worker, float* inputs, int columns, ref int phase, int? rows = null)
    {
        if (!_kernels.Products.Interleaves)
            return inputs;
        var count = rows ?? _count;
        var few = count <= FewRows;
        var arranged = few ? _buffers.OfWorker(worker) : _buffers.Arranged;
        for (var n = few ? 0 : worker; n < count; n += few ? 1 : _team.Count)
            _kernels.Products.Arrange(inputs + ((long)n * columns), arranged + ((long)n * columns), columns);
        if (!few)
            _team.Meet(phase++);
        return arranged;
    }

    private void Multiply(int phase, in WeightMatrix matrix, float* inputs, int stride, int count, float* outputs, int outputStride, bool adds)
    {
        var parts = Parts(matrix.Rows).Count;
        for (int part; (part = _team.Take(phase)) < parts;)
            MultiplyPart(part, matrix, inputs, stride, count, outputs, outputStride, adds);
    }

    private void MultiplyPart(int part, in WeightMatrix matrix, float* inputs, int stride, int count, float* outputs, int outputStride, bool adds)
    {
        var size = Parts(matrix.Rows).Size;
        _kernels.Products.Multiply(matrix, part * size, Math.Min(size, matrix.Rows - (part * size)), inputs, stride, count, outputs, outputStride, adds);
    }

    /// <summary>A product in parts that workers take.</summary>
    private (int Count, int Size) Parts(int rows)
    {
        var size = Math.Clamp(rows / (_team.Count * 2) / 4 * 4, 8, 1024);
        return ((rows + size - 1) / size, size);
    }
}
