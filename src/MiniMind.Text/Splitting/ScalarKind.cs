namespace MiniMind;

/// <summary>What the split expressions tell characters apart by: <c>\p{L}</c>, <c>\p{N}</c>, <c>\s</c> and the rest.</summary>
internal enum ScalarKind : byte
{
    /// <summary>None of the others: punctuation, symbols, marks, controls.</summary>
    Other,

    /// <summary><c>\p{L}</c>.</summary>
    Letter,

    /// <summary><c>\p{N}</c>.</summary>
    Number,

    /// <summary><c>\s</c>.</summary>
    Space,
}
