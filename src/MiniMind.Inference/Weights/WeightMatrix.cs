namespace MiniMind.Inference;

/// <summary>A weight matrix <c>[rows, columns]</c> in memory that the model owns or has mapped.</summary>
/// <param name="Memory">Where the first element is.</param>
/// <param name="ScaleMemory">Where is what each row of int8 is multiplied by; null in other formats.</param>
/// <param name="Rows">Rows: outputs.</param>
/// <param name="Columns">Columns: inputs.</param>
/// <param name="RowBytes">Bytes from one row to the next.</param>
internal readonly unsafe record struct WeightMatrix(nint Memory, nint ScaleMemory, int Rows, int Columns, nint RowBytes)
{
    public byte* Data => (byte*)Memory;

    public float* Scales => (float*)ScaleMemory;
}
