namespace MiniMind.Inference;

/// <summary>Some floats that a processor computes with at a time. Kernels are written once over it, and compiled for each width.</summary>
internal unsafe interface IFloatVector<TSelf>
    where TSelf : unmanaged, IFloatVector<TSelf>
{
    /// <summary>How many floats.</summary>
    static abstract int Count { get; }

    /// <summary>Whether sixteen sums and what they are made of fit into the processor's registers.</summary>
    static abstract bool HasManyRegisters { get; }

    static abstract TSelf Create(float value);

    static abstract TSelf Load(float* from);

    static abstract void Store(TSelf value, float* to);

    /// <summary><c>a · b + sum</c>.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf sum);

    static abstract TSelf Add(TSelf a, TSelf b);

    static abstract TSelf Multiply(TSelf a, TSelf b);

    static abstract TSelf Max(TSelf a, TSelf b);

    static abstract TSelf Divide(TSelf a, TSelf b);

    static abstract TSelf Exp(TSelf value);

    static abstract float Sum(TSelf value);

    static abstract float Largest(TSelf value);

    /// <summary>Twice <see cref="Count"/> bfloat16 numbers: those at even places, and those at odd ones.</summary>
    static abstract (TSelf Even, TSelf Odd) LoadBFloat16(ushort* from);

    /// <summary>Twice <see cref="Count"/> signed bytes, in order.</summary>
    static abstract (TSelf First, TSelf Second) LoadInt8(sbyte* from);
}
