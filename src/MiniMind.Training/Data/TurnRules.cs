namespace MiniMind.Training;

/// <summary>What the policies make of turns that are known as a whole.</summary>
internal static class TurnRules
{
    /// <summary>Checks roles and replies, and merges what is to be merged.</summary>
    /// <returns>The turns, or what is wrong with them.</returns>
    public static (IReadOnlyList<ChatTurn> Turns, string? Fault) Apply(IReadOnlyList<ChatTurn> turns, RolePolicy roles, ConsecutiveTurnsPolicy consecutive, EmptyReplyPolicy emptyReplies)
    {
        if (roles == RolePolicy.ByPosition && turns.Count > 0)
            turns = [.. turns.Select((turn, i) => turn with { Role = RoleOrder.AtPosition(i) })];
        var order = new RoleOrder(consecutive);
        for (var i = 0; i < turns.Count; i++)
        {
            var fault = roles == RolePolicy.Declared ? order.Next(turns[i].Role) : null;
            if (emptyReplies == EmptyReplyPolicy.Refuse && EmptyReply.Is(turns[i]))
                fault ??= EmptyReply.Problem;
            if (fault is not null)
                return (turns, FormattableString.Invariant($"turn {i + 1} {fault}"));
        }

        if ((roles == RolePolicy.Declared || turns.Count == 0) && order.End() is { } end)
            return (turns, end);
        return consecutive == ConsecutiveTurnsPolicy.Merge ? Merge(turns) : (turns, null);
    }

    /// <summary>Makes one turn of those of one role that follow each other.</summary>
    public static (List<ChatTurn> Turns, string? Fault) Merge(IReadOnlyList<ChatTurn> turns)
    {
        var merged = new List<ChatTurn>();
        for (var i = 0; i < turns.Count; i++)
        {
            var turn = turns[i];
            if (merged.Count == 0 || merged[^1].Role != turn.Role || turn.Role == RoleOrder.Tool)
            {
                merged.Add(turn);
                continue;
            }

            if (!string.IsNullOrWhiteSpace(turn.ReasoningContent))
                return (merged, FormattableString.Invariant($"turn {i + 1} has reasoning of its own and follows another {turn.Role} turn; expected turns that can be merged into one"));
            merged[^1] = merged[^1] with
            {
                Content = string.Join("\n\n", ((string[])[merged[^1].Content, turn.Content]).Where(text => !string.IsNullOrWhiteSpace(text))),
                ToolCalls = turn.ToolCalls.Count == 0 ? merged[^1].ToolCalls : [.. merged[^1].ToolCalls, .. turn.ToolCalls],
            };
        }

        return (merged, null);
    }
}
