namespace MiniMind;

/// <summary>A model's weights or scores are not finite numbers, or would not be in the element type that was asked for. Such a model says nothing: its
/// training has diverged, or its file was damaged.</summary>
public sealed class NonFiniteModelException : MiniMindException
{
    internal NonFiniteModelException(string message)
        : base(message)
    {
    }
}
