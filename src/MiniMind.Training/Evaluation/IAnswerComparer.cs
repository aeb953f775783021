namespace MiniMind.Training;

/// <summary>Decides whether an answer is the expected one.</summary>
public interface IAnswerComparer
{
    /// <summary>Compares two answers.</summary>
    /// <param name="expected">The teacher's.</param>
    /// <param name="actual">The student's.</param>
    /// <returns>Whether they mean the same.</returns>
    bool AreEqual(string expected, string actual);
}
