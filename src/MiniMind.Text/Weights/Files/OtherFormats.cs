namespace MiniMind;

/// <summary>A file of another format is refused by that format's name and not for what its bytes look like.</summary>
internal static class OtherFormats
{
    /// <param name="path">The file.</param>
    /// <param name="start">Its first bytes, four or more if it has them.</param>
    /// <exception cref="WeightFileException">The file has another format.</exception>
    public static void Refuse(string path, ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("GGUF"u8))
            throw new WeightFileException(path, null, "this is a GGUF file; WeightFile.Open and GgufFile.Open read it.");
    }
}
