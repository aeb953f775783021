namespace MiniMind.Training;

/// <summary>How several values were put together.</summary>
internal enum CollectionShape
{
    /// <summary>(1, 2): a point, a tuple, or an open interval.</summary>
    Tuple,

    /// <summary>[1, 2]: a list or a closed interval.</summary>
    Bracket,

    /// <summary>{1, 2}: the order does not matter.</summary>
    Set,

    /// <summary>1, 2: the order may matter.</summary>
    Sequence,

    /// <summary>1 and 2, 1 or 2, ±1: the order does not matter.</summary>
    Alternatives,
}

/// <summary>Several values: a tuple, a set, a list.</summary>
internal sealed class Collection : AnswerValue
{
    private const int MaxItems = 200;

    private readonly CollectionShape _shape;
    private readonly IReadOnlyList<AnswerValue> _items;

    /// <summary>Creates a collection; alternatives among the items, such as ±1, become items themselves where the order does not matter.</summary>
    public Collection(CollectionShape shape, IEnumerable<AnswerValue> items)
    {
        _shape = shape;
        _items = [.. shape is CollectionShape.Tuple or CollectionShape.Bracket
            ? items
            : items.SelectMany(i => i is Collection { _shape: CollectionShape.Alternatives } inner ? inner._items : [i])];
        if (_items.Count > MaxItems)
            throw new AnswerLimitException("a list is too long");
    }

    /// <summary>The interval that a tuple or bracket of two may be.</summary>
    public Interval? AsInterval { get; private init; }

    /// <summary>Reads what brackets hold: a tuple, list or set, or a union of sets.</summary>
    public static Collection? Read(ReadOnlySpan<AnswerToken> tokens, AnswerRole role)
    {
        if (TokenSplit.At(tokens, t => t.Is("∪"), out var unions) is var sets && unions.Count > 0)
        {
            var read = sets.Select(s => Read(s, role)).ToList();
            return read.All(s => s is { _shape: CollectionShape.Set }) ? new Collection(CollectionShape.Set, read.SelectMany(s => s!._items)) : null;
        }

        if (tokens is [{ Kind: AnswerTokenKind.Symbol, Text: "∅" }] or [{ Kind: AnswerTokenKind.Symbol, Text: "\\{" }, { Kind: AnswerTokenKind.Symbol, Text: "\\}" }])
            return new Collection(CollectionShape.Set, []);
        if (tokens.Length < 3 || !TokenSplit.IsBracketed(tokens) || Shape(tokens[0], tokens[^1]) is not { } shape)
            return null;
        var parts = TokenSplit.At(tokens[1..^1], t => t.Is(",") || t.Is(";"), out var cuts);
        if (cuts.Count == 0 && shape != CollectionShape.Set)
            return null;
        var items = parts.Select(p => ValueReader.Read(p, role)).ToList();
        return items.All(i => i is not null) ? new Collection(shape, items!) { AsInterval = shape == CollectionShape.Set ? null : IntervalSet.ReadPiece(tokens) } : null;
    }

    public override bool Accepts(AnswerValue reply, double tolerance)
    {
        if ((reply is Assignment assignment ? assignment.Value : reply) is not Collection other || other._items.Count != _items.Count)
            return false;
        return _shape switch
        {
            CollectionShape.Tuple or CollectionShape.Bracket => other._shape == _shape && InOrder(other, tolerance),
            CollectionShape.Set => other._shape is CollectionShape.Set or CollectionShape.Sequence or CollectionShape.Alternatives && InAnyOrder(other, tolerance),
            // x = 1, y = 2 says by names what belongs together.
            CollectionShape.Alternatives => other._shape is not (CollectionShape.Tuple or CollectionShape.Bracket) && (IsNamed != other.IsNamed ? InOrder(other, tolerance) : InAnyOrder(other, tolerance)),
            _ => other._shape switch
            {
                CollectionShape.Set => InAnyOrder(other, tolerance),
                CollectionShape.Sequence or CollectionShape.Alternatives => IsNamed && other.IsNamed ? InAnyOrder(other, tolerance) : InOrder(other, tolerance),
                _ => false,
            },
        };
    }

    private bool IsNamed => _items.All(i => i is Assignment { Name: not null });

    private static CollectionShape? Shape(AnswerToken open, AnswerToken close) => (open.Text, close.Text) switch
    {
        ("(", ")") => CollectionShape.Tuple,
        ("[", "]") => CollectionShape.Bracket,
        ("\\{", "\\}") => CollectionShape.Set,
        _ => null,
    };

    private bool InOrder(Collection other, double tolerance) => _items.Zip(other._items).All(p => p.First.Accepts(p.Second, tolerance));

    private bool InAnyOrder(Collection other, double tolerance)
    {
        var left = other._items.ToList();
        return _items.All(item => left.FindIndex(o => item.Accepts(o, tolerance)) is >= 0 and var found && RemoveAt(left, found));
    }

    private static bool RemoveAt(List<AnswerValue> items, int index)
    {
        items.RemoveAt(index);
        return true;
    }
}
