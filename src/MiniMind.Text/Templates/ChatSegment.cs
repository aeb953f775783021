namespace MiniMind;

/// <summary>A piece of a rendered conversation.</summary>
public readonly record struct ChatSegment
{
    /// <summary>Creates a segment.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isContent">Whether somebody in the conversation wrote it; otherwise it belongs to the template.</param>
    /// <param name="isReply">Whether it is content that the assistant wrote, whose reasoning tags are markup; default false.</param>
    public ChatSegment(string text, bool isContent, bool isReply = false)
    {
        (Text, IsContent, IsReply) = (text, isContent, isReply);
    }

    /// <summary>The text.</summary>
    public string Text { get; init; }

    /// <summary>Whether somebody in the conversation wrote it; otherwise it belongs to the template.</summary>
    public bool IsContent { get; init; }

    /// <summary>Whether it is content that the assistant wrote, whose reasoning tags are markup; default false.</summary>
    public bool IsReply { get; init; }
}
