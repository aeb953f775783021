namespace MiniMind;

/// <summary>A tokenizer has no chat template or one this library does not know, or the template cannot write a conversation without losing or
/// confusing something.</summary>
public sealed class ChatTemplateException : MiniMindException
{
    internal ChatTemplateException(string message)
        : base(message)
    {
    }
}
