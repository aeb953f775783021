namespace MiniMind.Training;

/// <summary>Which examples each epoch of a run visits, in which batches, and at which step an epoch begins. A run whose data set grew, or that went on with another
/// number of ranks, has epochs of different lengths; whoever needs an epoch's length or a step's number asks here.</summary>
internal sealed class EpochPlan
{
    private readonly IReadOnlyList<EpochSampler> _samplers;

    /// <param name="stretches">By their first epochs, which increase from 0; the examples increase too, or the ranks are others.</param>
    /// <param name="sampling">How the examples of an epoch are ordered and batched.</param>
    /// <param name="lengths">Of all examples, for <see cref="SampleOrder.LengthBucketed"/>.</param>
    /// <exception cref="ArgumentException">The stretches are those of no run, or an epoch has no batch.</exception>
    public EpochPlan(IReadOnlyList<DataStretch> stretches, EpochSamplerOptions sampling, IReadOnlyList<int>? lengths = null)
    {
        if (stretches is not [{ FromEpoch: 0, Examples: >= 1 }, ..])
            throw new ArgumentException("the first stretch of the data set begins with no epoch 0, or has no example", nameof(stretches));
        for (var i = 1; i < stretches.Count; i++)
            if (stretches[i].FromEpoch <= stretches[i - 1].FromEpoch
                || stretches[i].Examples < stretches[i - 1].Examples
                || (stretches[i].Examples == stretches[i - 1].Examples && stretches[i].WorldSize == stretches[i - 1].WorldSize))
                throw new ArgumentException($"{stretches[i]} follows {stretches[i - 1]}; expected a later epoch and more examples, or as many on other ranks", nameof(stretches));
        if (stretches.FirstOrDefault(s => s.WorldSize is < 1 or > EpochSamplerOptions.MostRanks) is { } unknown)
            throw new ArgumentException($"{unknown} has no rank, or too many; expected 1 to {EpochSamplerOptions.MostRanks}", nameof(stretches));
        (Stretches, Sampling, Lengths) = (stretches, sampling, lengths);
        _samplers = [.. stretches.Select(s => new EpochSampler(s.Examples, SamplingOf(s), lengths))];
    }

    /// <summary>A run whose epochs all visit the same examples.</summary>
    public EpochPlan(int examples, EpochSamplerOptions? sampling = null, IReadOnlyList<int>? lengths = null)
        : this([new DataStretch(0, examples)], sampling ?? new EpochSamplerOptions(), lengths)
    {
    }

    public IReadOnlyList<DataStretch> Stretches { get; }

    private EpochSamplerOptions Sampling { get; }

    private IReadOnlyList<int>? Lengths { get; }

    /// <summary>The batches of an epoch on this rank.</summary>
    public int BatchesOf(int epoch) => _samplers[StretchOf(epoch)].BatchesPerEpoch;

    /// <summary>The indexes of the examples in each batch of an epoch.</summary>
    public IReadOnlyList<int[]> Epoch(int epoch) => _samplers[StretchOf(epoch)].Epoch(epoch);

    /// <summary>The steps of all epochs before one: what is done when it begins.</summary>
    public long StepsBefore(int epoch)
    {
        var steps = 0L;
        for (var i = 0; i < Stretches.Count && Stretches[i].FromEpoch < epoch; i++)
        {
            var end = i + 1 < Stretches.Count ? Math.Min(epoch, Stretches[i + 1].FromEpoch) : epoch;
            steps += (long)(end - Stretches[i].FromEpoch) * _samplers[i].BatchesPerEpoch;
        }

        return steps;
    }

    /// <summary>The plan of another run over the same examples.</summary>
    public EpochPlan With(IReadOnlyList<DataStretch> stretches) => new(stretches, Sampling, Lengths);

    /// <summary>This plan with examples appended to the data set, or gone on with by the ranks that there are now. What has begun ends as it began: epochs from the
    /// given one on visit all.</summary>
    public EpochPlan GrowTo(int examples, int fromEpoch) => examples == Stretches[^1].Examples && Stretches[^1].WorldSize is null ? this
        : With([.. Stretches.Where(s => s.FromEpoch < fromEpoch), new DataStretch(fromEpoch, examples)]);

    /// <summary>Of epochs that other ranks shared, only the lengths are asked for.</summary>
    private EpochSamplerOptions SamplingOf(DataStretch stretch) =>
        stretch.WorldSize is { } ranks ? Sampling with { WorldSize = ranks, Rank = Math.Min(Sampling.Rank, ranks - 1) } : Sampling;

    private int StretchOf(int epoch)
    {
        var i = Stretches.Count - 1;
        while (Stretches[i].FromEpoch > epoch)
            i--;
        return i;
    }
}
