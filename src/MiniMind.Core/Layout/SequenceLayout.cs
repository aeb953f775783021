namespace MiniMind;

/// <summary>Where the sequences of a model's input <c>[B, T]</c> lie, and at which positions its result is wanted. Sequences never attend to each other,
/// and the positions of each start at 0. Immutable.</summary>
public sealed class SequenceLayout
{
    private readonly int[][]? _wanted;
    private readonly Lazy<IReadOnlyList<AttentionSegment>> _segments;

    private SequenceLayout(int rows, int length, IReadOnlyList<SequenceSpan> sequences, bool isPacked, int sharedPrefix, int[][]? wanted = null, bool limitsQueries = false)
    {
        (Rows, Length, Sequences, IsPacked, SharedPrefix) = (rows, length, sequences, isPacked, sharedPrefix);
        (_wanted, LimitsQueries) = (wanted, limitsQueries);
        Wanted = wanted is null ? null : [.. wanted.SelectMany((positions, i) => positions.Select(p => FlatPosition(i, p)))];
        AllPositions = wanted is null ? this : new SequenceLayout(rows, length, sequences, isPacked, sharedPrefix);
        _segments = new(ListSegments);
    }

    /// <summary>B, the number of rows.</summary>
    public int Rows { get; }

    /// <summary>T, the length of every row.</summary>
    public int Length { get; }

    /// <summary>Whether the sequences lie behind each other in one row; otherwise each has a row of its own.</summary>
    public bool IsPacked { get; }

    /// <summary>The sequences in order; of a row with a shared prefix, what each has besides it.</summary>
    public IReadOnlyList<SequenceSpan> Sequences { get; }

    /// <summary>Flat positions <c>b·T + t</c> whose result is wanted, in the order of the result; <see langword="null"/> for all.</summary>
    public IReadOnlyList<long>? Wanted { get; }

    /// <summary>Tokens at the beginning of a packed row that belong to all of its sequences. Each of them attends to these and to its own, and its own
    /// positions go on from them.</summary>
    internal int SharedPrefix { get; }

    /// <summary>Whether attention makes queries of the wanted positions only, instead of computing all and selecting from the result.</summary>
    internal bool LimitsQueries { get; }

    /// <summary>The same layout with the result wanted at all positions.</summary>
    internal SequenceLayout AllPositions { get; }

    /// <summary>What attention computes, segment by segment.</summary>
    internal IReadOnlyList<AttentionSegment> Segments => _segments.Value;

    /// <summary>Runs of consecutive positions in a row, from its beginning to its end.</summary>
    internal IEnumerable<(int First, int Count)> PositionRuns =>
        IsPacked ? Sequences.Select(s => (SharedPrefix, s.Length)).Prepend((0, SharedPrefix)).Where(run => run.Item2 > 0) : [(0, Length)];

    /// <summary>Rows of one length, each one sequence without padding.</summary>
    /// <param name="rows">B, 0 or more.</param>
    /// <param name="length">T, 1 or more.</param>
    public static SequenceLayout Full(int rows, int length) => Padded([.. Enumerable.Repeat(length, rows)], length);

    /// <summary>One sequence in each row, padded behind its end.</summary>
    /// <param name="lengths">The length of each row's sequence.</param>
    /// <param name="rowLength">T, the length of every row.</param>
    /// <exception cref="ArgumentException">A sequence is longer than the row.</exception>
    public static SequenceLayout Padded(IReadOnlyList<int> lengths, int rowLength)
    {
        ArgumentNullException.ThrowIfNull(lengths);
        if (lengths.Any(length => length > rowLength))
            throw new ArgumentException($"a sequence has {lengths.Max()} tokens; expected at most the row's {rowLength}", nameof(lengths));
        return new SequenceLayout(lengths.Count, rowLength, [.. lengths.Select((length, row) => new SequenceSpan(row * rowLength, length))], false, 0);
    }

    /// <summary>Sequences behind each other in one row, without padding.</summary>
    /// <param name="lengths">Their lengths, each 1 or more; T is the sum.</param>
    /// <exception cref="ArgumentException">There is no sequence, or one is empty.</exception>
    public static SequenceLayout Packed(IReadOnlyList<int> lengths) => Packed(lengths, sharedPrefix: 0);

    /// <summary>Sequences behind each other in one row, after a prefix that all of them begin with.</summary>
    internal static SequenceLayout Packed(IReadOnlyList<int> lengths, int sharedPrefix)
    {
        ArgumentNullException.ThrowIfNull(lengths);
        if (lengths.Count == 0 || lengths.Any(length => length < 1))
            throw new ArgumentException($"the sequences have the lengths [{string.Join(", ", lengths)}]; expected at least one, each of 1 token or more", nameof(lengths));
        var spans = new SequenceSpan[lengths.Count];
        var start = sharedPrefix;
        for (var i = 0; i < spans.Length; i++)
        {
            spans[i] = new SequenceSpan(start, lengths[i]);
            start += lengths[i];
        }

        return new SequenceLayout(1, start, spans, true, sharedPrefix);
    }

    /// <summary>The same layout with the result wanted at some positions only: the model then does not compute what these do not need.</summary>
    /// <param name="positions">Flat positions <c>b·T + t</c>, ascending.</param>
    /// <exception cref="ArgumentException">A position is in no row, or they do not ascend.</exception>
    public SequenceLayout Select(IReadOnlyList<long> positions) => SelectInSequences(Locate(positions));

    /// <summary>As <see cref="Select"/>, by positions within each sequence, those of a shared prefix counted first.</summary>
    internal SequenceLayout SelectInSequences(int[][] positions, bool limitsQueries = false) =>
        new(Rows, Length, Sequences, IsPacked, SharedPrefix, positions, limitsQueries);

    /// <summary>Sorts flat positions into sequences: the position of each within its own.</summary>
    /// <exception cref="ArgumentException">A position is in no row, or they do not ascend.</exception>
    internal int[][] Locate(IReadOnlyList<long> positions)
    {
        ArgumentNullException.ThrowIfNull(positions);
        var found = Array.ConvertAll(new int[Sequences.Count], _ => new List<int>());
        var sequence = 0;
        foreach (var position in positions)
        {
            while (sequence < found.Length - 1 && position >= Sequences[sequence + 1].Start)
                sequence++;
            var own = sequence < found.Length ? position - Sequences[sequence].Start : -1;
            if (own < 0 || own >= (IsPacked ? Sequences[sequence].Length : Length) || (found[sequence].Count > 0 && own <= found[sequence][^1]))
                throw new ArgumentException($"position {position} is in no row of the layout [{Rows}, {Length}], or does not ascend", nameof(positions));
            found[sequence].Add((int)own);
        }

        return Array.ConvertAll(found, list => list.ToArray());
    }

    private long FlatPosition(int sequence, int position) =>
        position < SharedPrefix ? position : Sequences[sequence].Start + position - SharedPrefix;

    private List<AttentionSegment> ListSegments()
    {
        static int[] Range(int first, int count) => [.. Enumerable.Range(first, count)];

        if (!IsPacked)
            return [new AttentionSegment(0, 0, Length, 0, Range(0, Length))];
        var segments = new List<AttentionSegment>();
        var query = 0;
        void Add(int shared, int start, int own, int[] positions)
        {
            if (positions.Length > 0)
                segments.Add(new AttentionSegment(shared, start, own, query, positions));
            query += positions.Length;
        }

        if (!LimitsQueries)
            Add(0, 0, SharedPrefix, Range(0, SharedPrefix));
        for (var i = 0; i < Sequences.Count; i++)
            Add(SharedPrefix, Sequences[i].Start, Sequences[i].Length, LimitsQueries ? _wanted![i] : Range(SharedPrefix, Sequences[i].Length));
        return segments;
    }
}
