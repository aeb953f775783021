namespace MiniMind.Modules;

/// <summary>How the conversations of a packed row lie: first what all of them begin with, once, then behind each other the rest of each. A rest
/// attends to the common beginning and to itself, and its positions go on from the beginning's.</summary>
/// <param name="Lengths">Tokens of each conversation after the common beginning, 1 or more.</param>
/// <param name="Shared">Tokens of the common beginning; 0 for conversations that have nothing to do with each other.</param>
internal sealed record RowPacking(IReadOnlyList<int> Lengths, int Shared = 0)
{
    /// <summary>T, the tokens of the row.</summary>
    public long Length => Lengths.Sum(count => (long)count) + Shared;
}
