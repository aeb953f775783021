namespace MiniMind.Extensions.AI;

/// <summary>Whether a reply is right, and why.</summary>
public sealed record ReplyVerdict
{
    /// <summary>Creates a verdict.</summary>
    /// <param name="isRight">Whether it is right.</param>
    /// <param name="cause">The kind of the decision in a few words without numbers or texts of the reply, such as <c>wrong answer</c>: reports count by it.</param>
    /// <param name="reason">One sentence for people, which may quote the reply.</param>
    public ReplyVerdict(bool isRight, string cause, string reason)
    {
        (IsRight, Cause, Reason) = (isRight, cause, reason);
    }

    /// <summary>Whether it is right.</summary>
    public bool IsRight { get; init; }

    /// <summary>The kind of the decision in a few words without numbers or texts of the reply, such as <c>wrong answer</c>: reports count by it.</summary>
    public string Cause { get; init; }

    /// <summary>One sentence for people, which may quote the reply.</summary>
    public string Reason { get; init; }
}
