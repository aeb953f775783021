namespace MiniMind.Extensions.AI;

/// <summary>A harvest's folder cannot be used: another run has it, or a file in it is not what a harvest writes.</summary>
public sealed class LedgerException : MiniMindException
{
    internal LedgerException(string path, string problem, Exception? innerException = null)
        : base($"{path}: {problem}.", innerException)
    {
        FilePath = path;
    }

    /// <summary>The file or folder.</summary>
    public string FilePath { get; }
}
