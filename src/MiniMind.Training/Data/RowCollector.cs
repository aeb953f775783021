namespace MiniMind.Training;

/// <summary>Checks and tokenizes conversations that come from elsewhere than a file.</summary>
internal sealed class RowCollector(ConversationEncoder encoder, SftDatasetOptions options)
{
    private readonly List<(TokenRow Row, string? File, long Line)> _rows = [];
    private readonly RolePolicy _roles = options.Roles;
    private long _number;

    public SkipLog Log { get; } = new(options);

    public RowSource ToSource() => new RowSource.Memory(_rows);

    public void Add(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        _number++;
        // A file's name without a line would be taken for the conversation's number in this source.
        var (file, line) = conversation is { File: { } f, Line: { } l } ? (f, l) : (null, _number);
        Log.Accepts(() => _rows.Add((encoder.Encode(Turns(conversation.Turns, file, line), file, line), file, line)));
    }

    private IReadOnlyList<ChatTurn> Turns(IReadOnlyList<ChatTurn> turns, string? file, long line)
    {
        var order = new RoleOrder();
        if (_roles == RolePolicy.ByPosition && turns.Count > 0)
            return [.. turns.Select((turn, i) => turn with { Role = RoleOrder.AtPosition(i) })];
        for (var i = 0; i < turns.Count; i++)
            if (order.Next(turns[i].Role) is { } fault)
                throw new DatasetException(FormattableString.Invariant($"turn {i + 1} {fault}"), file, line);
        return order.End() is { } end ? throw new DatasetException(end, file, line) : turns;
    }
}
