namespace MiniMind;

/// <summary>A piece of a rendered conversation.</summary>
/// <param name="Text">The text.</param>
/// <param name="IsContent">Whether somebody in the conversation wrote it; otherwise it belongs to the template.</param>
/// <param name="IsReply">Whether it is content that the assistant wrote, whose reasoning tags are markup; default false.</param>
public readonly record struct ChatSegment(string Text, bool IsContent, bool IsReply = false);
