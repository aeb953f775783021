using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MiniMind.Inference;

/// <summary>8 floats: AVX2.</summary>
internal readonly unsafe struct Floats256(Vector256<float> value) : IFloatVector<Floats256>
{
    private readonly Vector256<float> _value = value;

    public static int Count => 8;

    public static bool HasManyRegisters => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 Create(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 Load(float* from) => new(Vector256.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Floats256 value, float* to) => value._value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 MultiplyAdd(Floats256 a, Floats256 b, Floats256 sum) => new(Vector256.FusedMultiplyAdd(a._value, b._value, sum._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 Add(Floats256 a, Floats256 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 Multiply(Floats256 a, Floats256 b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 Max(Floats256 a, Floats256 b) => new(Vector256.Max(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 Divide(Floats256 a, Floats256 b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats256 Exp(Floats256 value) => new(Vector256.Exp(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Floats256 value) => Vector256.Sum(value._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Floats256 value)
    {
        var largest = value._value[0];
        for (var i = 1; i < Count; i++)
            largest = MathF.Max(largest, value._value[i]);
        return largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Floats256 Even, Floats256 Odd) LoadBFloat16(ushort* from)
    {
        var pairs = Vector256.Load((uint*)from);
        return (new((pairs << 16).AsSingle()), new((pairs & Vector256.Create(0xFFFF0000u)).AsSingle()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Floats256 First, Floats256 Second) LoadInt8(sbyte* from) => (Widen(from), Widen(from + Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Floats256 Widen(sbyte* from) => new(Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(from)));
}
