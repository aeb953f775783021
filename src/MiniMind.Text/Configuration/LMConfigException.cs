namespace MiniMind;

/// <summary>A model configuration is wrong: <see cref="Errors"/> names every wrong field, its value and what was expected.</summary>
public sealed class LMConfigException : MiniMindException
{
    internal LMConfigException(string? source, IReadOnlyList<string> errors, Exception? innerException = null)
        : base($"{source ?? "LMConfig"}: {string.Join("; ", errors)}.", innerException)
    {
        Errors = errors;
    }

    internal LMConfigException(string source, string problem, Exception? innerException = null)
        : this(source, [problem], innerException)
    {
    }

    /// <summary>One entry for each wrong field.</summary>
    public IReadOnlyList<string> Errors { get; }
}
