namespace MiniMind.Training;

/// <summary>A file or a stream of conversations cannot be used; the message is <c>FILE(LINE): what was found; what was expected</c>, or
/// <c>FILE(element NUMBER): …</c> where the file is a JSON array.</summary>
public sealed class DatasetException : MiniMindException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="problem">What was found, then what was expected, without the place.</param>
    /// <param name="file">The file, as it was named by the caller; null for conversations that come from no file.</param>
    /// <param name="line">The line in the file, counted from 1, blank lines included; without a file, the conversation's number in its
    /// source, counted from 1.</param>
    /// <param name="innerException">The cause, if another exception told of it.</param>
    public DatasetException(string problem, string? file = null, long? line = null, Exception? innerException = null)
        : this(problem, new RowPlace(file, line), innerException)
    {
    }

    internal DatasetException(string problem, RowPlace place, Exception? innerException = null)
        : base(place.Locate(problem), innerException)
    {
        Problem = problem;
        Place = place;
    }

    /// <summary>The message without the place: what was found, then what was expected.</summary>
    public string Problem { get; }

    /// <summary>The file, as it was named by the caller, in a folder of shards the shard; null for conversations that come from no file.</summary>
    public string? File => Place.File;

    /// <summary>The line in the file, in a JSON array the element, counted from 1, or without a file the conversation's number; null where the fault has none.</summary>
    public long? Line => Place.Number;

    /// <summary>File and number together.</summary>
    internal RowPlace Place { get; }

    /// <summary>Whether the fault is that a conversation is longer than allowed, for which there is a policy of its own.</summary>
    internal bool IsTooLong { get; init; }
}
