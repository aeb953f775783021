namespace MiniMind.Extensions.AI;

/// <summary>Whether a reply is right, and why.</summary>
/// <param name="IsRight">Whether it is right.</param>
/// <param name="Cause">The kind of the decision in a few words without numbers or texts of the reply, such as <c>wrong answer</c>: reports count by it.</param>
/// <param name="Reason">One sentence for people, which may quote the reply.</param>
public sealed record ReplyVerdict(bool IsRight, string Cause, string Reason);
