using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace MiniMind.Inference;

/// <summary>Products of some rows of a weight matrix with some inputs, for one vector width and one format. Sums of a row and an input are taken in the same order
/// however many rows and inputs there are, so that a request's numbers do not depend on the others in its batch.</summary>
internal abstract unsafe class ProductKernel
{
    /// <summary>Inputs are copied in this order first; see <see cref="Arrange"/>.</summary>
    public abstract bool Interleaves { get; }

    /// <summary>An element of a row.</summary>
    public abstract float Element(byte* row, int column);

    /// <summary>Puts an input into the order in which the format's elements come.</summary>
    public abstract void Arrange(float* input, float* arranged, int columns);

    /// <summary><c>outputs[n][row] = rows · inputs[n]</c>, or added to what is there.</summary>
    /// <param name="matrix">The weights.</param>
    /// <param name="first">The first row.</param>
    /// <param name="rows">How many.</param>
    /// <param name="inputs">Arranged inputs, <paramref name="stride"/> floats apart.</param>
    /// <param name="stride">Floats from one input to the next.</param>
    /// <param name="count">How many inputs.</param>
    /// <param name="outputs">Where row 0 of the first input's result is.</param>
    /// <param name="outputStride">Floats from one result to the next.</param>
    /// <param name="adds">Whether results are added.</param>
    public abstract void Multiply(in WeightMatrix matrix, int first, int rows, float* inputs, int stride, int count, float* outputs, int outputStride, bool adds);
}

internal sealed unsafe class ProductKernel<TVector, TFormat> : ProductKernel
    where TVector : unmanaged, IFloatVector<TVector>
    where TFormat : struct, IWeightFormat<TVector>
{
    private const int BytesOfLine = 64;

    private static int Chunk => 2 * TVector.Count;

    public override bool Interleaves => TFormat.Interleaves && TVector.Count > 1;

    public override float Element(byte* row, int column) => TFormat.Element(row + (column * TFormat.Size));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Arrange(float* input, float* arranged, int columns)
    {
        var whole = columns / Chunk * Chunk;
        for (var c = 0; c < whole; c += Chunk)
            for (var i = 0; i < TVector.Count; i++)
                (arranged[c + i], arranged[c + TVector.Count + i]) = (input[c + (2 * i)], input[c + (2 * i) + 1]);
        for (var c = whole; c < columns; c++)
            arranged[c] = input[c];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Multiply(in WeightMatrix matrix, int first, int rows, float* inputs, int stride, int count, float* outputs, int outputStride, bool adds)
    {
        var results = stackalloc float[16];
        for (var row = first; row < first + rows;)
        {
            var height = first + rows - row >= 4 ? 4 : 1;
            for (var n = 0; n < count;)
            {
                var width = count - n >= 4 ? 4 : 1;
                var weights = matrix.Data + (row * matrix.RowBytes);
                var input = inputs + ((long)n * stride);
                if (height == 4 && width == 4)
                {
                    if (TVector.HasManyRegisters)
                    {
                        FourByFour(weights, matrix.RowBytes, input, stride, matrix.Columns, results);
                    }
                    else
                    {
                        TwoByFour(weights, matrix.RowBytes, input, stride, matrix.Columns, results);
                        TwoByFour(weights + (2 * matrix.RowBytes), matrix.RowBytes, input, stride, matrix.Columns, results + 8);
                    }
                }
                else if (height == 4)
                {
                    if (TFormat.Size == sizeof(float))
                    {
                        TwoByOne(weights, matrix.RowBytes, input, matrix.Columns, results);
                        TwoByOne(weights + (2 * matrix.RowBytes), matrix.RowBytes, input, matrix.Columns, results + 2);
                    }
                    else
                    {
                        FourByOne(weights, matrix.RowBytes, input, matrix.Columns, results);
                    }
                }
                else
                {
                    for (var i = 0; i < width; i++)
                        results[i] = OneByOne(weights, input + ((long)i * stride), matrix.Columns);
                }

                for (var r = 0; r < height; r++)
                {
                    var scale = matrix.Scales == null ? 1 : matrix.Scales[row + r];
                    for (var i = 0; i < width; i++)
                    {
                        var output = outputs + ((long)(n + i) * outputStride) + row + r;
                        *output = (results[(r * width) + i] * scale) + (adds ? *output : 0);
                    }
                }

                n += width;
            }

            row += height;
        }
    }

    /// <summary>Brings a chunk into the processor's cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* chunk)
    {
        if (!Sse.IsSupported)
            return;
        for (var line = 0; line < Chunk * TFormat.Size; line += BytesOfLine)
            Sse.Prefetch0(chunk + line);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Tail(byte* weights, float* input, int from, int columns)
    {
        var sum = 0f;
        for (var c = from; c < columns; c++)
            sum += TFormat.Element(weights + (c * TFormat.Size)) * input[c];
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Finish(TVector sum, byte* weights, float* input, int from, int columns) =>
        TVector.Sum(sum) + (from < columns ? Tail(weights, input, from, columns) : 0);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float OneByOne(byte* weights, float* input, int columns)
    {
        var (whole, sum) = (columns / Chunk * Chunk, TVector.Create(0));
        for (var c = 0; c < whole; c += Chunk)
        {
            var (a, b) = TFormat.Load(weights + (c * TFormat.Size));
            sum = TVector.MultiplyAdd(b, TVector.Load(input + c + TVector.Count), TVector.MultiplyAdd(a, TVector.Load(input + c), sum));
        }

        return Finish(sum, weights, input, whole, columns);
    }

    /// <summary>Two rows and one input: where rows are long, two of them use the memory better than four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoByOne(byte* weights, nint rowBytes, float* input, int columns, float* results)
    {
        var (whole, ahead) = (columns / Chunk * Chunk, 2 * rowBytes);
        byte* w0 = weights, w1 = w0 + rowBytes;
        TVector s0 = TVector.Create(0), s1 = s0;
        for (var c = 0; c < whole; c += Chunk)
        {
            var offset = c * TFormat.Size;
            var (x, y) = (TVector.Load(input + c), TVector.Load(input + c + TVector.Count));
            Prefetch(w0 + ahead + offset);
            Prefetch(w1 + ahead + offset);
            var (a, b) = TFormat.Load(w0 + offset);
            s0 = TVector.MultiplyAdd(b, y, TVector.MultiplyAdd(a, x, s0));
            (a, b) = TFormat.Load(w1 + offset);
            s1 = TVector.MultiplyAdd(b, y, TVector.MultiplyAdd(a, x, s1));
        }

        results[0] = Finish(s0, w0, input, whole, columns);
        results[1] = Finish(s1, w1, input, whole, columns);
    }

    /// <summary>Four rows and one input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByOne(byte* weights, nint rowBytes, float* input, int columns, float* results)
    {
        var (whole, ahead) = (columns / Chunk * Chunk, 4 * rowBytes);
        byte* w0 = weights, w1 = w0 + rowBytes, w2 = w1 + rowBytes, w3 = w2 + rowBytes;
        TVector s0 = TVector.Create(0), s1 = s0, s2 = s0, s3 = s0;
        for (var c = 0; c < whole; c += Chunk)
        {
            var offset = c * TFormat.Size;
            var (x, y) = (TVector.Load(input + c), TVector.Load(input + c + TVector.Count));
            // The next rows: the processor does not guess them from rows so short.
            Prefetch(w0 + ahead + offset);
            Prefetch(w1 + ahead + offset);
            Prefetch(w2 + ahead + offset);
            Prefetch(w3 + ahead + offset);
            var (a, b) = TFormat.Load(w0 + offset);
            s0 = TVector.MultiplyAdd(b, y, TVector.MultiplyAdd(a, x, s0));
            (a, b) = TFormat.Load(w1 + offset);
            s1 = TVector.MultiplyAdd(b, y, TVector.MultiplyAdd(a, x, s1));
            (a, b) = TFormat.Load(w2 + offset);
            s2 = TVector.MultiplyAdd(b, y, TVector.MultiplyAdd(a, x, s2));
            (a, b) = TFormat.Load(w3 + offset);
            s3 = TVector.MultiplyAdd(b, y, TVector.MultiplyAdd(a, x, s3));
        }

        results[0] = Finish(s0, w0, input, whole, columns);
        results[1] = Finish(s1, w1, input, whole, columns);
        results[2] = Finish(s2, w2, input, whole, columns);
        results[3] = Finish(s3, w3, input, whole, columns);
    }

    /// <summary>Four rows and four inputs: sixteen sums, for processors with as many registers and more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByFour(byte* weights, nint rowBytes, float* input, int stride, int columns, float* results)
    {
        var whole = columns / Chunk * Chunk;
        byte* w0 = weights, w1 = w0 + rowBytes, w2 = w1 + rowBytes, w3 = w2 + rowBytes;
        float* x0 = input, x1 = x0 + stride, x2 = x1 + stride, x3 = x2 + stride;
        TVector s00 = TVector.Create(0), s01 = s00, s02 = s00, s03 = s00, s10 = s00, s11 = s00, s12 = s00, s13 = s00, s20 = s00, s21 = s00, s22 = s00, s23 = s00, s30 = s00, s31 = s00, s32 = s00, s33 = s00;
        for (var c = 0; c < whole; c += Chunk)
        {
            var offset = c * TFormat.Size;
            var (a0, b0) = TFormat.Load(w0 + offset);
            var (a1, b1) = TFormat.Load(w1 + offset);
            var (a2, b2) = TFormat.Load(w2 + offset);
            var (a3, b3) = TFormat.Load(w3 + offset);
            var (x, y) = (TVector.Load(x0 + c), TVector.Load(x0 + c + TVector.Count));
            s00 = TVector.MultiplyAdd(b0, y, TVector.MultiplyAdd(a0, x, s00));
            s10 = TVector.MultiplyAdd(b1, y, TVector.MultiplyAdd(a1, x, s10));
            s20 = TVector.MultiplyAdd(b2, y, TVector.MultiplyAdd(a2, x, s20));
            s30 = TVector.MultiplyAdd(b3, y, TVector.MultiplyAdd(a3, x, s30));
            (x, y) = (TVector.Load(x1 + c), TVector.Load(x1 + c + TVector.Count));
            s01 = TVector.MultiplyAdd(b0, y, TVector.MultiplyAdd(a0, x, s01));
            s11 = TVector.MultiplyAdd(b1, y, TVector.MultiplyAdd(a1, x, s11));
            s21 = TVector.MultiplyAdd(b2, y, TVector.MultiplyAdd(a2, x, s21));
            s31 = TVector.MultiplyAdd(b3, y, TVector.MultiplyAdd(a3, x, s31));
            (x, y) = (TVector.Load(x2 + c), TVector.Load(x2 + c + TVector.Count));
            s02 = TVector.MultiplyAdd(b0, y, TVector.MultiplyAdd(a0, x, s02));
            s12 = TVector.MultiplyAdd(b1, y, TVector.MultiplyAdd(a1, x, s12));
            s22 = TVector.MultiplyAdd(b2, y, TVector.MultiplyAdd(a2, x, s22));
            s32 = TVector.MultiplyAdd(b3, y, TVector.MultiplyAdd(a3, x, s32));
            (x, y) = (TVector.Load(x3 + c), TVector.Load(x3 + c + TVector.Count));
            s03 = TVector.MultiplyAdd(b0, y, TVector.MultiplyAdd(a0, x, s03));
            s13 = TVector.MultiplyAdd(b1, y, TVector.MultiplyAdd(a1, x, s13));
            s23 = TVector.MultiplyAdd(b2, y, TVector.MultiplyAdd(a2, x, s23));
            s33 = TVector.MultiplyAdd(b3, y, TVector.MultiplyAdd(a3, x, s33));
        }

        results[0] = Finish(s00, w0, x0, whole, columns);
        results[1] = Finish(s01, w0, x1, whole, columns);
        results[2] = Finish(s02, w0, x2, whole, columns);
        results[3] = Finish(s03, w0, x3, whole, columns);
        results[4] = Finish(s10, w1, x0, whole, columns);
        results[5] = Finish(s11, w1, x1, whole, columns);
        results[6] = Finish(s12, w1, x2, whole, columns);
        results[7] = Finish(s13, w1, x3, whole, columns);
        results[8] = Finish(s20, w2, x0, whole, columns);
        results[9] = Finish(s21, w2, x1, whole, columns);
        results[10] = Finish(s22, w2, x2, whole, columns);
        results[11] = Finish(s23, w2, x3, whole, columns);
        results[12] = Finish(s30, w3, x0, whole, columns);
        results[13] = Finish(s31, w3, x1, whole, columns);
        results[14] = Finish(s32, w3, x2, whole, columns);
        results[15] = Finish(s33, w3, x3, whole, columns);
    }

    /// <summary>Two rows and four inputs: eight sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoByFour(byte* weights, nint rowBytes, float* input, int stride, int columns, float* results)
    {
        var whole = columns / Chunk * Chunk;
        byte* w0 = weights, w1 = w0 + rowBytes;
        float* x0 = input, x1 = x0 + stride, x2 = x1 + stride, x3 = x2 + stride;
        TVector s00 = TVector.Create(0), s01 = s00, s02 = s00, s03 = s00, s10 = s00, s11 = s00, s12 = s00, s13 = s00;
        for (var c = 0; c < whole; c += Chunk)
        {
            var offset = c * TFormat.Size;
            var (a0, b0) = TFormat.Load(w0 + offset);
            var (a1, b1) = TFormat.Load(w1 + offset);
            var (x, y) = (TVector.Load(x0 + c), TVector.Load(x0 + c + TVector.Count));
            s00 = TVector.MultiplyAdd(b0, y, TVector.MultiplyAdd(a0, x, s00));
            s10 = TVector.MultiplyAdd(b1, y, TVector.MultiplyAdd(a1, x, s10));
            (x, y) = (TVector.Load(x1 + c), TVector.Load(x1 + c + TVector.Count));
            s01 = TVector.MultiplyAdd(b0, y, TVector.MultiplyAdd(a0, x, s01));
            s11 = TVector.MultiplyAdd(b1, y, TVector.MultiplyAdd(a1, x, s11));
            (x, y) = (TVector.Load(x2 + c), TVector.Load(x2 + c + TVector.Count));
            s02 = TVector.MultiplyAdd(b0, y, TVector.MultiplyAdd(a0, x, s02));
            s12 = TVector.MultiplyAdd(b1, y, TVector.MultiplyAdd(a1, x, s12));
            (x, y) = (TVector.Load(x3 + c), TVector.Load(x3 + c + TVector.Count));
            s03 = TVector.MultiplyAdd(b0, y, TVector.MultiplyAdd(a0, x, s03));
            s13 = TVector.MultiplyAdd(b1, y, TVector.MultiplyAdd(a1, x, s13));
        }

        results[0] = Finish(s00, w0, x0, whole, columns);
        results[1] = Finish(s01, w0, x1, whole, columns);
        results[2] = Finish(s02, w0, x2, whole, columns);
        results[3] = Finish(s03, w0, x3, whole, columns);
        results[4] = Finish(s10, w1, x0, whole, columns);
        results[5] = Finish(s11, w1, x1, whole, columns);
        results[6] = Finish(s12, w1, x2, whole, columns);
        results[7] = Finish(s13, w1, x3, whole, columns);
    }
}
