namespace MiniMind.Training;

/// <summary>One reply of a student, and what the evaluation made of it.</summary>
public sealed record EvaluatedReply
{
    internal EvaluatedReply()
    {
    }

    /// <summary>The problem's place among the evaluator's, from 0.</summary>
    public required int ProblemIndex { get; init; }

    /// <summary>Which of the replies to the problem this is, from 0.</summary>
    public required int Sample { get; init; }

    /// <summary>The problem.</summary>
    public required ReasoningProblem Problem { get; init; }

    /// <summary>All that the student read, special tokens included, through what the template writes of its turn.</summary>
    public required string Prompt { get; init; }

    /// <summary>What the student wrote, without the stop token.</summary>
    public required string Text { get; init; }

    /// <summary>The student's turn taken apart; what the prompt had already written of it included.</summary>
    public required ReasoningReply Reply { get; init; }

    /// <summary>Whether the comparer found it right.</summary>
    public required bool IsRight { get; init; }

    /// <summary>Number of generated tokens, without the stop token.</summary>
    public required int Tokens { get; init; }

    /// <summary>Number of tokens of the reasoning.</summary>
    public required int ReasoningTokens { get; init; }

    /// <summary>Why the reply ended.</summary>
    public required FinishReason FinishReason { get; init; }

    /// <summary>Whether it was cut off by the most tokens allowed or by the model's longest sequence.</summary>
    public required bool IsTruncated { get; init; }
}
