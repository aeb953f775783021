namespace MiniMind;

/// <summary>What becomes of an assistant's <see cref="ChatTurn.ReasoningContent"/>.</summary>
public enum ReasoningContentPolicy
{
    /// <summary>It is always written. A template without a place for it (early 2025, MiniMind2, one of your own) gets a reply of the form that
    /// <see cref="ReasoningReply.Compose"/> writes: the reasoning between think tags, the content between answer tags. Tags that the reply has
    /// already are not written a second time: a think block of the content that is empty or says the same gives way to the reasoning, and content
    /// that holds an answer tag stays as it is. minimind-3's template keeps its form, a think block and the reply, and keeps what stands before a
    /// think block of the content or behind its first end, which the reference loses; content that begins with a block that never ends is reasoning as a
    /// whole. Blank reasoning counts as none. What cannot be written
    /// without loss is a <see cref="ChatTemplateException"/>: reasoning of a system or user turn, reasoning that holds
    /// <c>&lt;/think&gt;</c>, and reasoning beside a think block that says something else.</summary>
    Fold,

    /// <summary>The reference's templates: early 2025 and MiniMind2 leave it out; minimind-3 writes it before the content, even if that begins with
    /// a think block of its own, and loses what stands before a think block of the content or between two ends of one.</summary>
    Reference,
}
