namespace MiniMind.Training;

/// <summary>How <see cref="ICollective.AllReduce"/> combines the elements of all ranks.</summary>
public enum ReduceOperation
{
    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>The smallest.</summary>
    Min,

    /// <summary>The largest.</summary>
    Max,
}
