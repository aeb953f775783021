namespace MiniMind.Training;

/// <summary>An answer has no value (a division by zero) or one beyond the bounds of what is computed. It never leaves the room: such an answer is
/// compared as text.</summary>
internal sealed class AnswerLimitException(string message) : Exception(message);
