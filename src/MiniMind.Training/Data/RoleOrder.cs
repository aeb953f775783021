namespace MiniMind.Training;

/// <summary>Checks, turn by turn, that roles are an optional system turn, then user and assistant in turn, what tools answer behind an assistant's, ending with the assistant.</summary>
internal struct RoleOrder(ConsecutiveTurnsPolicy consecutive)
{
    public const string System = "system";
    public const string User = "user";
    public const string Assistant = "assistant";
    public const string Tool = "tool";

    /// <summary>What is said where a role is missing or not known.</summary>
    public const string Expected = "expected \"system\", \"user\" or \"assistant\", or \"tool\" behind an assistant's turn";

    private readonly ConsecutiveTurnsPolicy _consecutive = consecutive;
    private string? _previous;

    /// <summary>The role that the reference gives to the turn at a position.</summary>
    public static string AtPosition(int index) => index % 2 == 0 ? User : Assistant;

    /// <summary>Takes the next role; the answer is the fault, or null.</summary>
    public string? Next(string role)
    {
        var previous = _previous;
        _previous = role;
        if (_consecutive == ConsecutiveTurnsPolicy.Merge && role == previous)
            return null;
        return (previous, role) switch
        {
            (_, not (System or User or Assistant or Tool)) => $"has the unknown role {MessageText.Quoted(role)}; {Expected}",
            (null, System or User) or (System or Assistant, User) or (User or Tool, Assistant) or (Assistant or Tool, Tool) => null,
            (_, Tool) => "is a tool's; expected it behind an assistant's turn, which calls tools",
            (null, _) => "is the assistant's; expected the first turn to be the system's or the user's",
            (_, System) => "is a system turn; expected the system turn first, or none",
            (Tool, _) => "is the user's behind a tool's; expected the assistant's",
            (User, _) => "is a second user turn in a row; expected the assistant's (roles must alternate; ConsecutiveTurns.Merge makes one of both)",
            (System, _) => "is the assistant's; expected a user turn after the system's (roles must alternate)",
            _ => "is a second assistant turn in a row; expected the user's (roles must alternate; ConsecutiveTurns.Merge makes one of both)",
        };
    }

    /// <summary>Whether the last turn was the user's, which a reply can follow.</summary>
    public readonly bool AwaitsReply => _previous == User;

    /// <summary>The fault of a conversation that ends here, or null.</summary>
    public readonly string? End() => _previous switch
    {
        Assistant => null,
        null => "the conversation has no turns; expected at least a user turn and an assistant turn",
        User => "the conversation ends with a user turn; expected an assistant turn last (Columns.Turns and Columns.Answer can name a list of turns and a reply beside it)",
        _ => $"the conversation ends with a {_previous} turn; expected an assistant turn last",
    };
}
