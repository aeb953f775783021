namespace MiniMind;

/// <summary>A tokenizer has no chat template, or one this library does not know.</summary>
public sealed class ChatTemplateException : MiniMindException
{
    internal ChatTemplateException(string message)
        : base(message)
    {
    }
}
