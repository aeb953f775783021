namespace MiniMind.Training;

/// <summary>Whose answer is read. A reply may wrap its value in words, which an expected answer does not.</summary>
internal enum AnswerRole
{
    /// <summary>The expected answer: all of it is the value.</summary>
    Expected,

    /// <summary>The part of a reply that is its answer.</summary>
    Reply,
}
