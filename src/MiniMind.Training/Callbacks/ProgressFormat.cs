namespace MiniMind.Training;

/// <summary>How <see cref="ConsoleProgress"/> writes a step.</summary>
public enum ProgressFormat
{
    /// <summary>Step, loss, learning rate, speed.</summary>
    Plain,

    /// <summary>The reference's log line.</summary>
    Reference,
}
