namespace MiniMind.Inference;

/// <summary>Which experts each token of a pass goes to, and with which weight: softmax of the router's scores, the best of them, as the model's router chooses.</summary>
internal sealed unsafe class ExpertChoice(LMConfig config)
{
    private readonly int _experts = config.NRoutedExperts;
    private float[] _weights = [];

    public void Reserve(int rows)
    {
        if (_weights.Length < rows * _experts)
            _weights = new float[rows * _experts];
    }

    /// <summary>Chooses for a row; calls for different rows may come at a time.</summary>
    public void Choose(int row, ProductKernel product, in WeightMatrix router, float* normed)
    {
        var scores = stackalloc float[_experts];
        product.Multiply(router, 0, _experts, normed, config.Dim, 1, scores, _experts, adds: false);
        Softmax(new Span<float>(scores, _experts));
        var chosen = _weights.AsSpan(row * _experts, _experts);
        chosen.Fill(float.NaN);
        var sum = 0f;
        for (var k = 0; k < config.NumExpertsPerTok; k++)
        {
            var best = 0;
            for (var e = 1; e < _experts; e++)
                if (scores[e] > scores[best])
                    best = e;
            (chosen[best], sum) = (scores[best], sum + scores[best]);
            scores[best] = float.NegativeInfinity;
        }

        if (config.NormalizesExperts)
            foreach (ref var weight in chosen)
                weight /= sum + 1e-20f;
    }

    /// <summary>An expert's weight for a row, or none if the row does not go to it.</summary>
    public float? WeightOf(int row, int expert) => _weights[(row * _experts) + expert] is var weight && float.IsNaN(weight) ? null : weight;

    public int CountOf(int expert, int rows)
    {
        var count = 0;
        for (var n = 0; n < rows; n++)
            count += WeightOf(n, expert) is null ? 0 : 1;
        return count;
    }

    private static void Softmax(Span<float> scores)
    {
        var (largest, sum) = (float.NegativeInfinity, 0f);
        foreach (var score in scores)
            largest = MathF.Max(largest, score);
        foreach (ref var score in scores)
            sum += score = MathF.Exp(score - largest);
        foreach (ref var score in scores)
            score /= sum;
    }
}
