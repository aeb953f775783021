namespace MiniMind;

/// <summary>libtorch cannot be used in this process: the message says which package is missing, or what the loader said and what helps.</summary>
public sealed class TorchUnavailableException : MiniMindException
{
    internal TorchUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
