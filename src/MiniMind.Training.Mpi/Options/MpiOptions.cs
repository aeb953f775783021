using Microsoft.Extensions.Options;

namespace MiniMind.Training.Mpi;

/// <summary>How <see cref="MpiCollective"/> works. The same on all ranks.</summary>
public sealed record MpiOptions
{
    /// <summary>The MPI library: a file, or a name that the system's loader finds. Default: the environment variable <c>MINIMIND_MPI_LIBRARY</c>, else the one that
    /// fits the launcher. A library that is named is also used where no launcher is recognised; the world is then as large as the library says.</summary>
    public string? Library { get; set; }

    /// <summary>How long a reduction or a broadcast waits for the other ranks, and for the data, before it is an <see cref="MpiException"/>. Default: ten minutes. It
    /// has to be longer than what one rank may do while the others do not, such as reading its data.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long <see cref="MpiCollective.Barrier"/>, where ranks wait while rank 0 examines the model or writes files, and
    /// <see cref="MpiCollective.Dispose"/> wait for the other ranks before it is an <see cref="MpiException"/>. Default: two hours.</summary>
    public TimeSpan BarrierTimeout { get; set; } = TimeSpan.FromHours(2);

    /// <summary>The most bytes that are given to MPI at a time; larger tensors go in several parts, of which several are under way together. Default: 4 MiB, which
    /// was the fastest of 1 to 256 MiB (docs/distributed.md).</summary>
    public int ChunkBytes { get; set; } = 4 << 20;

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(MpiOptions))
        .Require(StallTimeout > TimeSpan.Zero, StallTimeout, "more than zero")
        .Require(BarrierTimeout > TimeSpan.Zero, BarrierTimeout, "more than zero")
        .Require(ChunkBytes >= sizeof(double), ChunkBytes, "8 or more")
        .ThrowIfAny();
}
