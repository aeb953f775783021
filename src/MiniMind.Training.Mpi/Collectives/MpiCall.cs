namespace MiniMind.Training.Mpi;

/// <summary>What a rank is about to do.</summary>
internal enum MpiCallKind
{
    Barrier = 1,
    AllReduce,
    Broadcast,

    /// <summary>It makes no more calls.</summary>
    Leave,
}

/// <summary>A call as the ranks compare it before they begin: MPI itself says nothing, or hangs, where calls differ.</summary>
internal readonly record struct MpiCall(MpiCallKind Kind, long Dtype = 0, long Elements = 0, long Detail = 0, long ChunkBytes = 0)
{
    public const int Fields = 5;

    /// <summary>Each number and its negative, so that one reduction gives the largest and the smallest.</summary>
    public void WriteTo(Span<long> numbers)
    {
        long[] own = [(long)Kind, Dtype, Elements, Detail, ChunkBytes];
        for (var i = 0; i < Fields; i++)
            (numbers[i], numbers[Fields + i]) = (own[i], -own[i]);
    }

    /// <summary>How the ranks' calls differ, as a clause, or none if they do not.</summary>
    public static string? Difference(ReadOnlySpan<long> largest)
    {
        string[] names = ["call", "dtype", "number of elements", "operation or root", "MpiOptions.ChunkBytes"];
        for (var i = 0; i < Fields; i++)
        {
            var (most, least) = (largest[i], -largest[Fields + i]);
            if (most == least)
                continue;
            return i == 0 ? $"of the ranks, some call {(MpiCallKind)least}, others {(MpiCallKind)most}" : FormattableString.Invariant($"the {names[i]} differs among the ranks, from {least} to {most}");
        }

        return null;
    }

    /// <summary>Whether a rank leaves while others go on.</summary>
    public static bool SomeLeave(ReadOnlySpan<long> largest) => largest[0] == (long)MpiCallKind.Leave && -largest[Fields] != (long)MpiCallKind.Leave;
}
