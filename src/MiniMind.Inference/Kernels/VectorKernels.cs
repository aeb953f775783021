using System.Runtime.CompilerServices;

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

    /// <summary>Replaces scores by their exponentials, after they were multiplied and the largest was taken off.</summary>
    /// <returns>Their sum.</returns>
    public abstract float Exponentials(float* scores, float factor, int length);

    /// <summary>Sums of values by weights, for several rows of weights: <c>to[q] = Σ weights[q][t] · values[t]</c>.</summary>
    /// <param name="weights">Weights, <paramref name="stride"/> floats from one row to the next.</param>
    /// <param name="stride">See there.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="values">Values of <paramref name="size"/> numbers, one behind the other.</param>
    /// <param name="length">How many.</param>
    /// <param name="size">Numbers of a value.</param>
    /// <param name="to">The sums, one behind the other.</param>
    public abstract void Mix(float* weights, int stride, int count, float* values, int length, int size, float* to);

    /// <summary><c>x *= factor</c>.</summary>
    public abstract void Scale(float* x, float factor, int count);
}

internal sealed unsafe class VectorKernels<TVector> : VectorKernels
    where TVector : unmanaged, IFloatVector<TVector>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddScaled(float* x, float factor, int count, float* to)
    {
        var whole = count / TVector.Count * TVector.Count;
        for (var i = 0; i < whole; i += TVector.Count)
            TVector.Store(TVector.MultiplyAdd(TVector.Load(x + i), TVector.Create(factor), TVector.Load(to + i)), to + i);
        for (var i = whole; i < count; i++)
            to[i] += x[i] * factor;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Scale(float* x, float factor, int count)
    {
        var whole = count / TVector.Count * TVector.Count;
        for (var i = 0; i < whole; i += TVector.Count)
            TVector.Store(TVector.Multiply(TVector.Load(x + i), TVector.Create(factor)), x + i);
        for (var i = whole; i < count; i++)
            x[i] *= factor;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override float Exponentials(float* scores, float factor, int length)
    {
        Scale(scores, factor, length);
        var (whole, largest, sums) = (length / TVector.Count * TVector.Count, float.NegativeInfinity, TVector.Create(0));
        if (whole > 0)
        {
            var most = TVector.Load(scores);
            for (var t = TVector.Count; t < whole; t += TVector.Count)
                most = TVector.Max(most, TVector.Load(scores + t));
            largest = TVector.Largest(most);
        }

        for (var t = whole; t < length; t++)
            largest = MathF.Max(largest, scores[t]);
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

    public override void Mix(float* weights, int stride, int count, float* values, int length, int size, float* to)
    {
        for (var q = 0; q < count;)
        {
            var rows = count - q >= 4 ? 4 : 1;
            float* from = weights + ((long)q * stride), result = to + ((long)q * size);
            var i = 0;
            for (; TVector.HasManyRegisters && rows == 4 && i + (4 * TVector.Count) <= size; i += 4 * TVector.Count)
                FourByFour(from, stride, values + i, length, size, result + i);
            for (; rows == 4 && i + TVector.Count <= size; i += TVector.Count)
                FourByOne(from, stride, values + i, length, size, result + i);
            for (; i + TVector.Count <= size; i += TVector.Count)
                OneByOne(from, stride, values + i, length, size, result + i);
            for (; i < size; i++)
                for (var r = 0; r < rows; r++)
                {
                    result[(r * size) + i] = 0;
                    for (var t = 0; t < length; t++)
                        result[(r * size) + i] += from[((long)r * stride) + t] * values[((long)t * size) + i];
                }

            q += rows;
        }
    }

    /// <summary>Four rows and four vectors of a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByFour(float* weights, int stride, float* values, int length, int size, float* to)
    {
        TVector s00 = TVector.Create(0), s01 = s00, s02 = s00, s03 = s00, s10 = s00, s11 = s00, s12 = s00, s13 = s00, s20 = s00, s21 = s00, s22 = s00, s23 = s00, s30 = s00, s31 = s00, s32 = s00, s33 = s00;
        for (var t = 0; t < length; t++)
        {
            var value = values + ((long)t * size);
            var v0 = TVector.Load(value);
            var v1 = TVector.Load(value + TVector.Count);
            var v2 = TVector.Load(value + (2 * TVector.Count));
            var v3 = TVector.Load(value + (3 * TVector.Count));
            var weight = TVector.Create(weights[t]);
            s00 = TVector.MultiplyAdd(weight, v0, s00);
            s01 = TVector.MultiplyAdd(weight, v1, s01);
            s02 = TVector.MultiplyAdd(weight, v2, s02);
            s03 = TVector.MultiplyAdd(weight, v3, s03);
            weight = TVector.Create(weights[stride + t]);
            s10 = TVector.MultiplyAdd(weight, v0, s10);
            s11 = TVector.MultiplyAdd(weight, v1, s11);
            s12 = TVector.MultiplyAdd(weight, v2, s12);
            s13 = TVector.MultiplyAdd(weight, v3, s13);
            weight = TVector.Create(weights[(2 * stride) + t]);
            s20 = TVector.MultiplyAdd(weight, v0, s20);
            s21 = TVector.MultiplyAdd(weight, v1, s21);
            s22 = TVector.MultiplyAdd(weight, v2, s22);
            s23 = TVector.MultiplyAdd(weight, v3, s23);
            weight = TVector.Create(weights[(3 * stride) + t]);
            s30 = TVector.MultiplyAdd(weight, v0, s30);
            s31 = TVector.MultiplyAdd(weight, v1, s31);
            s32 = TVector.MultiplyAdd(weight, v2, s32);
            s33 = TVector.MultiplyAdd(weight, v3, s33);
        }

        TVector.Store(s00, to);
        TVector.Store(s01, to + TVector.Count);
        TVector.Store(s02, to + (2 * TVector.Count));
        TVector.Store(s03, to + (3 * TVector.Count));
        TVector.Store(s10, to + size);
        TVector.Store(s11, to + size + TVector.Count);
        TVector.Store(s12, to + size + (2 * TVector.Count));
        TVector.Store(s13, to + size + (3 * TVector.Count));
        TVector.Store(s20, to + (2 * size));
        TVector.Store(s21, to + (2 * size) + TVector.Count);
        TVector.Store(s22, to + (2 * size) + (2 * TVector.Count));
        TVector.Store(s23, to + (2 * size) + (3 * TVector.Count));
        TVector.Store(s30, to + (3 * size));
        TVector.Store(s31, to + (3 * size) + TVector.Count);
        TVector.Store(s32, to + (3 * size) + (2 * TVector.Count));
        TVector.Store(s33, to + (3 * size) + (3 * TVector.Count));
    }

    /// <summary>Four rows and one vector of a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByOne(float* weights, int stride, float* values, int length, int size, float* to)
    {
        TVector s00 = TVector.Create(0), s10 = s00, s20 = s00, s30 = s00;
        for (var t = 0; t < length; t++)
        {
            var value = values + ((long)t * size);
            var v0 = TVector.Load(value);
            var weight = TVector.Create(weights[t]);
            s00 = TVector.MultiplyAdd(weight, v0, s00);
            weight = TVector.Create(weights[stride + t]);
            s10 = TVector.MultiplyAdd(weight, v0, s10);
            weight = TVector.Create(weights[(2 * stride) + t]);
            s20 = TVector.MultiplyAdd(weight, v0, s20);
            weight = TVector.Create(weights[(3 * stride) + t]);
            s30 = TVector.MultiplyAdd(weight, v0, s30);
        }

        TVector.Store(s00, to);
        TVector.Store(s10, to + size);
        TVector.Store(s20, to + (2 * size));
        TVector.Store(s30, to + (3 * size));
    }

    /// <summary>One row and one vector of a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneByOne(float* weights, int stride, float* values, int length, int size, float* to)
    {
        TVector s00 = TVector.Create(0);
        for (var t = 0; t < length; t++)
        {
            var value = values + ((long)t * size);
            var v0 = TVector.Load(value);
            var weight = TVector.Create(weights[t]);
            s00 = TVector.MultiplyAdd(weight, v0, s00);
        }

        TVector.Store(s00, to);
    }
}
