namespace MiniMind;

/// <summary>Element types of the matrices in a GGUF file; the numbers are those of ggml. Vectors are always F32, as llama.cpp needs them.</summary>
public enum GgufType
{
    /// <summary>32 bits: exact.</summary>
    F32 = 0,

    /// <summary>16 bits with 10 bits of mantissa.</summary>
    F16 = 1,

    /// <summary>ggml's Q8_0: blocks of 32 numbers in 8 bits each with a common scale, 8.5 bits a number.</summary>
    Q8 = 8,

    /// <summary>16 bits with the range of F32 and 7 bits of mantissa.</summary>
    BF16 = 30,
}
