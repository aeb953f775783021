namespace MiniMind.Training;

/// <summary>The part of a reply that is its answer.</summary>
/// <param name="Text">The text, folded.</param>
/// <param name="IsMarked">Whether the reply says that this is the answer (<c>####</c>, <c>\boxed</c>, "the answer is"); else it is all of the reply.</param>
internal readonly record struct AnswerPart(string Text, bool IsMarked);
