namespace MiniMind.Inference;

/// <summary>A weight matrix <c>[rows, columns]</c> in memory that the model owns or has mapped.</summary>
/// <param name="memory">Where the first element is.</param>
/// <param name="scales">Where is what each row of int8 is multiplied by; 0 in other formats.</param>
/// <param name="rows">Rows: outputs.</param>
/// <param name="columns">Columns: inputs.</param>
/// <param name="rowBytes">Bytes from one row to the next.</param>
internal readonly unsafe struct WeightMatrix(nint memory, nint scales, int rows, int columns, nint rowBytes)
{
    public byte* Data => (byte*)memory;

    public float* Scales => (float*)scales;

    public int Rows => rows;

    public int Columns => columns;

    public nint RowBytes => rowBytes;
}
