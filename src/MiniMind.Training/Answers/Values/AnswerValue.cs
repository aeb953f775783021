namespace MiniMind.Training;

/// <summary>The value that an answer writes. Each kind has a rule of its own for what is the same.</summary>
internal abstract class AnswerValue
{
    /// <summary>Whether a reply's value is this expected one.</summary>
    /// <param name="reply">What the reply says.</param>
    /// <param name="tolerance">How much a number may differ, as a part of the expected one; 0 for not at all.</param>
    /// <returns>True only where it is sure.</returns>
    public abstract bool Accepts(AnswerValue reply, double tolerance);
}
