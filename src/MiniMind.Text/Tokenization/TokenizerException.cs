namespace MiniMind;

/// <summary>A tokenizer's files are missing, damaged or ask for something this library does not do: the message names the file, the key, what
/// was found and what was expected.</summary>
public sealed class TokenizerException : MiniMindException
{
    internal TokenizerException(string source, string problem, Exception? innerException = null)
        : base($"{source}: {problem}", innerException)
    {
        FilePath = source;
    }

    /// <summary>The file or directory.</summary>
    public string FilePath { get; }
}
