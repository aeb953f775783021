namespace MiniMind;

/// <summary>Which part of a reply a text belongs to.</summary>
public enum ReasoningPart
{
    /// <summary>Outside both tags.</summary>
    Other,

    /// <summary>Between <c>&lt;think&gt;</c> and <c>&lt;/think&gt;</c>.</summary>
    Reasoning,

    /// <summary>Between <c>&lt;answer&gt;</c> and <c>&lt;/answer&gt;</c>.</summary>
    Answer,
}
