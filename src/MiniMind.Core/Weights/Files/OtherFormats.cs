namespace MiniMind;

/// <summary>Formats of weights that are known but not read, so that a file of one is refused by its name and not for what its bytes look like.</summary>
internal static class OtherFormats
{
    /// <summary>File name ending of GGUF files.</summary>
    public const string GgufSuffix = ".gguf";

    /// <summary>Says it of GGUF.</summary>
    public const string Gguf = "GGUF files are written, not read; give the safetensors or PyTorch files that it was made from";

    /// <param name="path">The file.</param>
    /// <param name="start">Its first bytes, four or more if it has them.</param>
    /// <exception cref="WeightFileException">The file has one of these formats.</exception>
    public static void Refuse(string path, ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("GGUF"u8))
            throw new WeightFileException(path, null, $"this is a GGUF file: {Gguf}.");
    }
}
