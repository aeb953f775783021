namespace MiniMind.Extensions.AI;

/// <summary>Leaves out conversations that are too short or too long for the student, in its tokens. What a data set would cut is better left out: a reply without its
/// end teaches never to end.</summary>
public sealed record LengthWindow
{
    /// <summary>Least tokens of a conversation, as the student's template writes it. Default 0.</summary>
    public int MinTokens { get; set; }

    /// <summary>Most tokens of a conversation. Default 1,024.</summary>
    public int MaxTokens { get; set; } = 1024;

    /// <summary>Most tokens of the reasoning. <see langword="null"/> (default) for no limit.</summary>
    public int? MaxReasoningTokens { get; set; }
}
