using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniMind.Inference;

/// <summary>4 floats: SSE, or NEON on Arm.</summary>
internal readonly unsafe struct Floats128(Vector128<float> value) : IFloatVector<Floats128>
{
    private readonly Vector128<float> _value = value;

    public static int Count => 4;

    public static bool HasManyRegisters => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 Create(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 Load(float* from) => new(Vector128.Load(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Floats128 value, float* to) => value._value.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 MultiplyAdd(Floats128 a, Floats128 b, Floats128 sum) => new(Vector128.MultiplyAddEstimate(a._value, b._value, sum._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 Add(Floats128 a, Floats128 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 Multiply(Floats128 a, Floats128 b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 Max(Floats128 a, Floats128 b) => new(Vector128.Max(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 Divide(Floats128 a, Floats128 b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats128 Exp(Floats128 value) => new(Vector128.Exp(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Floats128 value) => Vector128.Sum(value._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Floats128 value)
    {
        var largest = value._value[0];
        for (var i = 1; i < Count; i++)
            largest = MathF.Max(largest, value._value[i]);
        return largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Floats128 Even, Floats128 Odd) LoadBFloat16(ushort* from)
    {
        var pairs = Vector128.Load((uint*)from);
        return (new((pairs << 16).AsSingle()), new((pairs & Vector128.Create(0xFFFF0000u)).AsSingle()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Floats128 First, Floats128 Second) LoadInt8(sbyte* from) => (Widen(from), Widen(from + Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Floats128 Widen(sbyte* from) => new(Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(int*)from).AsSByte()))));
}
