namespace MiniMind.Inference;

/// <summary>What is done with vectors beside products, for one vector width.</summary>
internal abstract unsafe class VectorKernels
{
    /// <summary><c>to = x / rms(x) · weight</c> (Zhang and Sennrich 2019).</summary>
    public abstract void Normalize(float* x, float* weight, float eps, int count, float* to);

    /// <summary><c>to = silu(gate) · up</c>.</summary>
    public abstract void Gate(float* gate, float* up, int count);

    /// <summary><c>to += x · factor</c>.</summary>
    public abstract void AddScaled(float* x, float factor, int count, float* to);

    /// <summary>Attention of one query over the first keys of a head: softmax of the scaled scores, then the values' mean.</summary>
    /// <param name="query">The query, <paramref name="size"/> numbers.</param>
    /// <param name="keys">Keys, one behind the other.</param>
    /// <param name="values">Values, one behind the other.</param>
    /// <param name="length">How many.</param>
    /// <param name="size">Numbers of a head.</param>
    /// <param name="scores">Room for a score of each key.</param>
    /// <param name="to">The result, as large as the query.</param>
    public abstract void Attend(float* query, float* keys, float* values, int length, int size, float* scores, float* to);
}

internal sealed unsafe class VectorKernels<TVector> : VectorKernels
    where TVector : unmanaged, IFloatVector<TVector>
{
    public override void Normalize(float* x, float* weight, float eps, int count, float* to)
    {
        var (whole, squares) = (count / TVector.Count * TVector.Count, TVector.Create(0));
        for (var i = 0; i < whole; i += TVector.Count)
            squares = TVector.MultiplyAdd(TVector.Load(x + i), TVector.Load(x + i), squares);
        var sum = TVector.Sum(squares);
        for (var i = whole; i < count; i++)
            sum += x[i] * x[i];
        var factor = 1 / MathF.Sqrt((sum / count) + eps);
        for (var i = 0; i < whole; i += TVector.Count)
            TVector.Store(TVector.Multiply(TVector.Multiply(TVector.Load(x + i), TVector.Create(factor)), TVector.Load(weight + i)), to + i);
        for (var i = whole; i < count; i++)
            to[i] = x[i] * factor * weight[i];
    }

    public override void Gate(float* gate, float* up, int count)
    {
        var whole = count / TVector.Count * TVector.Count;
        for (var i = 0; i < whole; i += TVector.Count)
        {
            var g = TVector.Load(gate + i);
            var sigmoid = TVector.Divide(TVector.Create(1), TVector.Add(TVector.Create(1), TVector.Exp(TVector.Multiply(g, TVector.Create(-1)))));
            TVector.Store(TVector.Multiply(TVector.Multiply(g, sigmoid), TVector.Load(up + i)), gate + i);
        }

        for (var i = whole; i < count; i++)
            gate[i] = gate[i] / (1 + MathF.Exp(-gate[i])) * up[i];
    }

    public override void AddScaled(float* x, float factor, int count, float* to)
    {
        var whole = count / TVector.Count * TVector.Count;
        for (var i = 0; i < whole; i += TVector.Count)
            TVector.Store(TVector.MultiplyAdd(TVector.Load(x + i), TVector.Create(factor), TVector.Load(to + i)), to + i);
        for (var i = whole; i < count; i++)
            to[i] += x[i] * factor;
    }

    public override void Attend(float* query, float* keys, float* values, int length, int size, float* scores, float* to)
    {
        var (whole, scale, largest) = (size / TVector.Count * TVector.Count, 1 / MathF.Sqrt(size), float.NegativeInfinity);
        for (var t = 0; t < length; t++)
        {
            var key = keys + ((long)t * size);
            var sum = TVector.Create(0);
            for (var i = 0; i < whole; i += TVector.Count)
                sum = TVector.MultiplyAdd(TVector.Load(query + i), TVector.Load(key + i), sum);
            var score = TVector.Sum(sum);
            for (var i = whole; i < size; i++)
                score += query[i] * key[i];
            scores[t] = score * scale;
            largest = MathF.Max(largest, scores[t]);
        }

        var total = Exponentials(scores, largest, length);
        new Span<float>(to, size).Clear();
        for (var t = 0; t < length; t++)
            AddScaled(values + ((long)t * size), scores[t], size, to);
        for (var i = 0; i < size; i++)
            to[i] /= total;
    }

    /// <summary>Replaces scores by their exponentials.</summary>
    /// <returns>Their sum.</returns>
    private static float Exponentials(float* scores, float largest, int length)
    {
        var (whole, sums) = (length / TVector.Count * TVector.Count, TVector.Create(0));
        for (var t = 0; t < whole; t += TVector.Count)
        {
            var exponential = TVector.Exp(TVector.Add(TVector.Load(scores + t), TVector.Create(-largest)));
            TVector.Store(exponential, scores + t);
            sums = TVector.Add(sums, exponential);
        }

        var total = TVector.Sum(sums);
        for (var t = whole; t < length; t++)
            total += scores[t] = MathF.Exp(scores[t] - largest);
        return total;
    }
}
