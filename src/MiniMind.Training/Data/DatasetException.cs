using System.Globalization;

namespace MiniMind.Training;

/// <summary>A file or a stream of conversations cannot be used; the message is <c>FILE(LINE): what was found; what was expected</c>.</summary>
public sealed class DatasetException : MiniMindException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="problem">What was found, then what was expected, without the place.</param>
    /// <param name="file">The file, as it was named by the caller; null for conversations that come from no file.</param>
    /// <param name="line">The line in the file, counted from 1, blank lines included; without a file, the conversation's number in its
    /// source, counted from 1.</param>
    /// <param name="innerException">The cause, if another exception told of it.</param>
    public DatasetException(string problem, string? file = null, long? line = null, Exception? innerException = null)
        : base(Locate(problem, file, line), innerException)
    {
        Problem = problem;
        File = file;
        Line = line;
    }

    /// <summary>The message without the place: what was found, then what was expected.</summary>
    public string Problem { get; }

    /// <summary>The file, as it was named by the caller; null for conversations that come from no file.</summary>
    public string? File { get; }

    /// <summary>The line in the file, counted from 1, or without a file the conversation's number; null where the fault has no line.</summary>
    public long? Line { get; }

    /// <summary>Whether the fault is that a conversation is longer than allowed, for which there is a policy of its own.</summary>
    internal bool IsTooLong { get; init; }

    private static string Locate(string problem, string? file, long? line) => (file, line) switch
    {
        (null, null) => problem,
        (null, _) => string.Create(CultureInfo.InvariantCulture, $"conversation {line}: {problem}"),
        (_, null) => $"{file}: {problem}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{file}({line}): {problem}"),
    };
}
