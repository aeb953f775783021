namespace MiniMind.Inference;

/// <summary>Sequences that are generated together, each at its own position.</summary>
internal sealed class InferenceSession : IDecodingSession
{
    /// <summary>Tokens of prompts that go through the model at a time.</summary>
    private const int MostRows = 512;

    private readonly ForwardWork _forward;
    private readonly LMConfig _config;
    private SequenceCache[] _sequences;
    private float[] _scores = [];
    private PassRow[] _rows = [];
    private int[] _results = [];

    public InferenceSession(ForwardWork forward, LMConfig config, int sequences)
    {
        (_forward, _config) = (forward, config);
        _sequences = [.. Enumerable.Range(0, sequences).Select(_ => new SequenceCache(config))];
    }

    public Span<float> Prefill(IReadOnlyList<int[]> prompts)
    {
        var scores = Room(prompts.Count);
        var (rows, results) = (new List<PassRow>(), new List<(int Row, int Sequence)>());
        for (var s = 0; s < prompts.Count; s++)
        {
            _sequences[s].Extend(prompts[s].Length);
            for (var t = 0; t < prompts[s].Length; t++)
            {
                if (rows.Count == MostRows)
                    Pass();
                rows.Add(new PassRow(_sequences[s], prompts[s][t], t));
            }

            results.Add((rows.Count - 1, s));
        }

        Pass();
        return scores.AsSpan(0, prompts.Count * _config.VocabSize);

        void Pass()
        {
            var found = _forward.Run([.. rows], [.. results.Select(r => r.Row)]);
            for (var i = 0; i < results.Count; i++)
                found.Slice(i * _config.VocabSize, _config.VocabSize).CopyTo(scores.AsSpan(results[i].Sequence * _config.VocabSize));
            rows.Clear();
            results.Clear();
        }
    }

    public Span<float> Step(ReadOnlySpan<int> tokens)
    {
        if (_rows.Length != tokens.Length)
            (_rows, _results) = (new PassRow[tokens.Length], [.. Enumerable.Range(0, tokens.Length)]);
        for (var s = 0; s < tokens.Length; s++)
        {
            var position = _sequences[s].Length;
            _sequences[s].Extend(1);
            _rows[s] = new PassRow(_sequences[s], tokens[s], position);
        }

        var scores = Room(tokens.Length);
        _forward.Run(_rows, _results).CopyTo(scores);
        return scores.AsSpan(0, tokens.Length * _config.VocabSize);
    }

    public void KeepRows(int[] rows)
    {
        var kept = Array.ConvertAll(rows, r => _sequences[r]);
        foreach (var sequence in _sequences.Except(kept))
            sequence.Dispose();
        _sequences = kept;
    }

    public void Dispose()
    {
        foreach (var sequence in _sequences)
            sequence.Dispose();
    }

    private float[] Room(int sequences)
    {
        if (_scores.Length < sequences * _config.VocabSize)
            _scores = new float[sequences * _config.VocabSize];
        return _scores;
    }
}
