namespace MiniMind;

/// <summary>The library inside libtorch that computes matrix products in fp32 on the CPU.</summary>
public enum MatrixLibrary
{
    /// <summary>The faster one, found by timing both once in the process.</summary>
    Auto,

    /// <summary>Intel's MKL, which libtorch takes by itself. On AMD processors it uses its AVX2 kernels, at about half of the machine's rate.</summary>
    Mkl,

    /// <summary>oneDNN, at the machine's rate on AMD and Intel.</summary>
    OneDnn,
}
