namespace MiniMind.Extensions.AI;

/// <summary>What of a conversation is compared.</summary>
public enum CurationScope
{
    /// <summary>All turns.</summary>
    Conversation,

    /// <summary>What the user says: several replies to one question are then the same.</summary>
    Question,
}
