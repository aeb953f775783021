namespace MiniMind;

/// <summary>One sequence of a <see cref="SequenceLayout"/>.</summary>
/// <param name="Start">Flat position <c>b·T + t</c> of its first token.</param>
/// <param name="Length">Number of its tokens; padding is not counted.</param>
public readonly record struct SequenceSpan(int Start, int Length);
