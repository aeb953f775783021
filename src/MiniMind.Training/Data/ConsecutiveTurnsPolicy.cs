namespace MiniMind.Training;

/// <summary>What happens to turns of one role that follow each other.</summary>
public enum ConsecutiveTurnsPolicy
{
    /// <summary>The conversation cannot be learned from, so <see cref="InvalidExamplePolicy"/> decides. In public data such turns are as often two tries at one
    /// reply, of which one is wrong, as they are one text in two parts.</summary>
    Refuse,

    /// <summary>They become one turn, with an empty line between their texts. A later turn with reasoning of its own is refused still, because its reasoning would
    /// come to stand before what was said before it.</summary>
    Merge,
}
