using System.Runtime.CompilerServices;

namespace MiniMind.Inference;

internal readonly unsafe struct Float32Format<TVector> : IWeightFormat<TVector>
    where TVector : unmanaged, IFloatVector<TVector>
{
    public static int Size => sizeof(float);

    public static bool Interleaves => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Load(byte* from) => (TVector.Load((float*)from), TVector.Load((float*)from + TVector.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Element(byte* from) => *(float*)from;
}

internal readonly unsafe struct BFloat16Format<TVector> : IWeightFormat<TVector>
    where TVector : unmanaged, IFloatVector<TVector>
{
    public static int Size => sizeof(ushort);

    public static bool Interleaves => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Load(byte* from) => TVector.LoadBFloat16((ushort*)from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Element(byte* from) => BitConverter.Int32BitsToSingle(*(ushort*)from << 16);
}

internal readonly unsafe struct Int8Format<TVector> : IWeightFormat<TVector>
    where TVector : unmanaged, IFloatVector<TVector>
{
    public static int Size => 1;

    public static bool Interleaves => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Load(byte* from) => TVector.LoadInt8((sbyte*)from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Element(byte* from) => *(sbyte*)from;
}
