namespace MiniMind.Extensions.AI;

/// <summary>A teacher cannot be asked any further: it will never answer such requests, has failed too often in a row, or its reasoning does not arrive. What
/// it replied before is in the ledger.</summary>
public sealed class TeacherException : MiniMindException
{
    internal TeacherException(string message, TeacherFault? fault = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Fault = fault;
    }

    /// <summary>What went wrong with the last request; <see langword="null"/> where no request went wrong.</summary>
    public TeacherFault? Fault { get; }
}
