namespace MiniMind;

/// <summary>What the elements of a stored tensor are read as.</summary>
public enum WeightDType
{
    /// <summary>Eight-byte floating point.</summary>
    Float64,

    /// <summary>Four-byte floating point.</summary>
    Float32,

    /// <summary>IEEE's two-byte floating point.</summary>
    Float16,

    /// <summary>The upper two bytes of a four-byte floating-point number.</summary>
    BFloat16,

    /// <summary>Eight-byte integer.</summary>
    Int64,

    /// <summary>Four-byte integer.</summary>
    Int32,

    /// <summary>Two-byte integer.</summary>
    Int16,

    /// <summary>Signed byte.</summary>
    Int8,

    /// <summary>Byte.</summary>
    UInt8,

    /// <summary>A byte that is 0 or 1.</summary>
    Boolean,
}
