namespace MiniMind;

/// <summary>GPT-2's one-to-one mapping of the 256 bytes to visible characters, in which byte-level vocabularies are written.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] Chars = CreateChars();
    private static readonly Dictionary<char, byte> Bytes = Chars.Select((c, b) => (c, (byte)b)).ToDictionary();

    /// <summary>The character of each byte.</summary>
    public static ReadOnlySpan<char> Characters => Chars;

    /// <summary>The bytes of a vocabulary entry; false if it holds a character that stands for no byte.</summary>
    public static bool TryGetBytes(string token, out byte[] bytes)
    {
        bytes = new byte[token.Length];
        for (var i = 0; i < bytes.Length; i++)
            if (!Bytes.TryGetValue(token[i], out bytes[i]))
                return false;
        return true;
    }

    private static char[] CreateChars()
    {
        var next = 256;
        return [.. Enumerable.Range(0, 256).Select(b => b is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174 ? (char)b : (char)next++)];
    }
}
