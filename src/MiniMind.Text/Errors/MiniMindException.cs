namespace MiniMind;

/// <summary>Base of every exception this library defines, so that one <c>catch</c> covers them.</summary>
/// <remarks>Wrong arguments to a method are <see cref="ArgumentException"/>s as everywhere in .NET, and wrong options are
/// <c>Microsoft.Extensions.Options.OptionsValidationException</c>s; what is wrong in files, models and environments derives from this type.</remarks>
public abstract class MiniMindException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was found, where, and what was expected.</param>
    /// <param name="innerException">The cause, if another exception told of it.</param>
    protected MiniMindException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
