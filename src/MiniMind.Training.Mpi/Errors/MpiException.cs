namespace MiniMind.Training.Mpi;

/// <summary>MPI is not there, cannot be started, or the processes of the job cannot work together any more.</summary>
public sealed class MpiException : CollectiveException
{
    internal MpiException(string message, int? errorCode = null, Exception? innerException = null)
        : base(message, innerException)
    {
        ErrorCode = errorCode;
    }

    /// <summary>The code that a function of the MPI library gave, where one did; the message has MPI's own text for it.</summary>
    public int? ErrorCode { get; }
}
