namespace MiniMind.Training;

/// <summary>Checks and tokenizes conversations that come from elsewhere than a file.</summary>
internal sealed class RowCollector(ConversationEncoder encoder, SftDatasetOptions options)
{
    private readonly List<(TokenRow Row, RowPlace Place)> _rows = [];
    private long _number;

    public SkipLog Log { get; } = new(options);

    public RowSource ToSource() => new RowSource.Memory(_rows);

    public void Add(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        _number++;
        // A file's name without a line would be taken for the conversation's number in this source.
        var place = conversation is { File: { } file, Line: { } line } ? new RowPlace(file, line, conversation.IsElement) : new RowPlace(null, _number);
        Log.Accepts(() => _rows.Add((encoder.Encode(conversation with { Turns = Turns(conversation.Turns, place) }, place), place)));
    }

    private IReadOnlyList<ChatTurn> Turns(IReadOnlyList<ChatTurn> turns, RowPlace place)
    {
        var (ruled, fault) = TurnRules.Apply(turns, options.Roles, options.ConsecutiveTurns, options.EmptyReplies);
        return fault is null ? ruled : throw new DatasetException(fault, place);
    }
}
