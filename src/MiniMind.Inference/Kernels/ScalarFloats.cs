using System.Runtime.CompilerServices;

namespace MiniMind.Inference;

/// <summary>One float: any processor.</summary>
internal readonly unsafe struct ScalarFloats(float value) : IFloatVector<ScalarFloats>
{
    private readonly float _value = value;

    public static int Count => 1;

    public static bool HasManyRegisters => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarFloats Create(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarFloats Load(float* from) => new(*from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ScalarFloats value, float* to) => *to = value._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarFloats MultiplyAdd(ScalarFloats a, ScalarFloats b, ScalarFloats sum) => new((a._value * b._value) + sum._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarFloats Add(ScalarFloats a, ScalarFloats b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarFloats Multiply(ScalarFloats a, ScalarFloats b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarFloats Max(ScalarFloats a, ScalarFloats b) => new(MathF.Max(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarFloats Divide(ScalarFloats a, ScalarFloats b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarFloats Exp(ScalarFloats value) => new(MathF.Exp(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(ScalarFloats value) => value._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(ScalarFloats value) => value._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (ScalarFloats Even, ScalarFloats Odd) LoadBFloat16(ushort* from) => (new(BitConverter.Int32BitsToSingle(from[0] << 16)), new(BitConverter.Int32BitsToSingle(from[1] << 16)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (ScalarFloats First, ScalarFloats Second) LoadInt8(sbyte* from) => (new(from[0]), new(from[1]));
}
