namespace MiniMind.Training;

/// <summary>What happens to an assistant's turn in which nothing is said: no reasoning, and content that is blank or tags around nothing.</summary>
public enum EmptyReplyPolicy
{
    /// <summary>The conversation cannot be learned from, so <see cref="InvalidExamplePolicy"/> decides: a <see cref="DatasetException"/>, or it is left out and
    /// counted. A student that learns empty replies learns to end its turn at once.</summary>
    Refuse,

    /// <summary>It is learned as it is, as the reference does.</summary>
    Teach,
}
