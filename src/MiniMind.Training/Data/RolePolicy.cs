namespace MiniMind.Training;

/// <summary>Where the role of a turn comes from.</summary>
public enum RolePolicy
{
    /// <summary>The turn's <c>role</c>. A conversation is an optional system turn, then user and assistant in turn, and ends with the
    /// assistant; any other is rejected.</summary>
    Declared,

    /// <summary>The turn's position, as the reference's <c>SFTDataset</c> takes it: turns 0, 2, 4, … are the user's, 1, 3, 5, … the
    /// assistant's. The declared role is not read and nothing is rejected for its roles, so a leading system turn shifts all others.</summary>
    ByPosition,
}
