namespace MiniMind.Training;

/// <summary>The ranks of a run cannot work together any more: one has ended, the job was aborted, the connection is lost, or they did not all make the same
/// call.</summary>
public class CollectiveException : MiniMindException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was to be done, and why it cannot be.</param>
    /// <param name="innerException">The cause, if another exception told of it.</param>
    public CollectiveException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
