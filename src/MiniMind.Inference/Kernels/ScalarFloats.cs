namespace MiniMind.Inference;

/// <summary>One float: any processor.</summary>
internal readonly unsafe struct ScalarFloats(float value) : IFloatVector<ScalarFloats>
{
    private readonly float _value = value;

    public static int Count => 1;

    public static bool HasManyRegisters => false;

    public static ScalarFloats Create(float value) => new(value);

    public static ScalarFloats Load(float* from) => new(*from);

    public static void Store(ScalarFloats value, float* to) => *to = value._value;

    public static ScalarFloats MultiplyAdd(ScalarFloats a, ScalarFloats b, ScalarFloats sum) => new((a._value * b._value) + sum._value);

    public static ScalarFloats Add(ScalarFloats a, ScalarFloats b) => new(a._value + b._value);

    public static ScalarFloats Multiply(ScalarFloats a, ScalarFloats b) => new(a._value * b._value);

    public static ScalarFloats Max(ScalarFloats a, ScalarFloats b) => new(MathF.Max(a._value, b._value));

    public static ScalarFloats Divide(ScalarFloats a, ScalarFloats b) => new(a._value / b._value);

    public static ScalarFloats Exp(ScalarFloats value) => new(MathF.Exp(value._value));

    public static float Sum(ScalarFloats value) => value._value;

    public static float Largest(ScalarFloats value) => value._value;

    public static (ScalarFloats Even, ScalarFloats Odd) LoadBFloat16(ushort* from) => (new(BitConverter.Int32BitsToSingle(from[0] << 16)), new(BitConverter.Int32BitsToSingle(from[1] << 16)));

    public static (ScalarFloats First, ScalarFloats Second) LoadInt8(sbyte* from) => (new(from[0]), new(from[1]));
}
