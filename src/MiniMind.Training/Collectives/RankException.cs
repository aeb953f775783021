namespace MiniMind.Training;

/// <summary>What one rank has or did ended the run on all of them: it was started with something else than rank 0, or an exception ended it there.</summary>
public sealed class RankException : MiniMindException
{
    internal RankException(int rank, string message)
        : base(message)
    {
        Rank = rank;
    }

    /// <summary>The rank at fault; of several, the first.</summary>
    public int Rank { get; }
}
