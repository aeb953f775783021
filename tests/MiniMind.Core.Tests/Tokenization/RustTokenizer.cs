using Tokenizers.DotNet;

namespace MiniMind.Tests;

/// <summary>Hugging Face's Rust tokenizers, where they run (Linux on x64).</summary>
internal static class RustTokenizer
{
    /// <summary>Loads a <c>tokenizer.json</c>; skips the test where the library is missing.</summary>
    public static Tokenizer Load(string directory)
    {
        try
        {
            return new Tokenizer(Path.Combine(directory, MiniMindTokenizer.TokenizerFileName));
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            Assert.Skip($"Hugging Face's Rust tokenizers do not run here: {e.Message}");
            throw;
        }
    }

    public static int[] Ids(this Tokenizer tokenizer, string text) => [.. tokenizer.Encode(text).Select(id => (int)id)];
}
