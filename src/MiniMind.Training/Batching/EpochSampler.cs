namespace MiniMind.Training;

/// <summary>Says which examples are in which batch: a pure function of the options and the epoch, so any place in it can be resumed.</summary>
/// <remarks>All ranks order the examples alike; rank r of W takes the examples at r, r + W, r + 2W, … of that order. Together their batches k are a run of
/// <c>BatchSize × W</c> examples, so that length bucketing balances the ranks as well. Without <see cref="EpochSamplerOptions.DropLast"/> the order is
/// filled up to a multiple of W with examples from its beginning, and the last batch may be smaller; with it, what fills no whole batch on every rank is
/// left out. In sequential order this is what PyTorch's <c>DistributedSampler</c> and <c>DataLoader</c> do.
/// <see cref="EpochSamplerOptions.BalanceTokens"/> shares the examples of each such run out otherwise (<see cref="TokenBalance"/>).</remarks>
internal sealed class EpochSampler
{
    private readonly int _count;
    private readonly EpochSamplerOptions _options;
    private readonly IReadOnlyList<int>? _lengths;

    /// <summary>Creates a sampler of so many examples; <see cref="SampleOrder.LengthBucketed"/> and balancing need the length of each.</summary>
    /// <exception cref="ArgumentException">With DropLast no batch is left.</exception>
    public EpochSampler(int count, EpochSamplerOptions? options = null, IReadOnlyList<int>? lengths = null)
    {
        (_count, _options, _lengths) = (count, options ?? new EpochSamplerOptions(), lengths);
        BatchesPerEpoch = (int)(_options.DropLast ? count / GroupSize : (PerRank + _options.BatchSize - 1) / _options.BatchSize);
        if (BatchesPerEpoch == 0)
            throw new ArgumentException($"DropLast leaves no batch of {count} examples; expected {GroupSize} or more.", nameof(count));
    }

    /// <summary>The batches of one epoch on this rank, the same in every epoch and on every rank.</summary>
    public int BatchesPerEpoch { get; }

    private long GroupSize => (long)_options.BatchSize * _options.WorldSize;

    private long PerRank => ((long)_count + _options.WorldSize - 1) / _options.WorldSize;

    /// <summary>The batches of an epoch on this rank, in order: the indexes of each one's examples.</summary>
    /// <param name="epoch">Counted from 0.</param>
    public IReadOnlyList<int[]> Epoch(int epoch)
    {
        var order = Order(epoch);
        var perRank = _options.DropLast ? (long)BatchesPerEpoch * _options.BatchSize : PerRank;
        var batches = new int[BatchesPerEpoch][];
        for (var b = 0; b < batches.Length; b++)
        {
            var first = (long)b * _options.BatchSize;
            var size = (int)Math.Min(_options.BatchSize, perRank - first);
            batches[b] = _options.BalanceTokens && _options.WorldSize > 1 ? BalancedShare(order, first, size) : Share(order, first, size);
        }
        return batches;
    }

    private int[] Share(int[] order, long first, int size)
    {
        var batch = new int[size];
        for (var i = 0; i < size; i++)
            batch[i] = order[(int)(((first + i) * _options.WorldSize + _options.Rank) % _count)];
        return batch;
    }

    private int[] BalancedShare(int[] order, long first, int size)
    {
        var all = new int[size * _options.WorldSize];
        for (var i = 0; i < all.Length; i++)
            all[i] = order[(int)((first * _options.WorldSize + i) % _count)];
        var share = TokenBalance.Share(Array.ConvertAll(all, i => _lengths![i]), _options.WorldSize, _options.Rank);
        return Array.ConvertAll(share, place => all[place]);
    }

    private int[] Order(int epoch)
    {
        var order = new int[_count];
        for (var i = 0; i < _count; i++)
            order[i] = i;
        if (_options.Order == SampleOrder.Sequential)
            return order;
        var random = StableRandom.For((ulong)_options.Seed, (ulong)epoch);
        random.Shuffle(order.AsSpan());
        return _options.Order == SampleOrder.Shuffled ? order : Bucket(order, random);
    }

    /// <summary>Sorts within pools and shuffles whole groups (a batch of every rank); what fills no group stays last.</summary>
    private int[] Bucket(int[] order, StableRandom random)
    {
        if (GroupSize > _count)
            return order;
        var group = (int)GroupSize;
        var groups = _count / group;
        var pool = (int)Math.Min((long)group * _options.BucketBatches, (long)group * groups);
        for (var start = 0; start < groups * group; start += pool)
        {
            var part = order.AsSpan(start, Math.Min(pool, groups * group - start));
            // The place in the shuffled order breaks ties: an unstable sort would make the order depend on the version of .NET.
            var keys = new long[part.Length];
            for (var i = 0; i < keys.Length; i++)
                keys[i] = ((long)_lengths![part[i]] << 32) | (uint)i;
            keys.AsSpan().Sort(part);
        }
        var places = new int[groups];
        for (var i = 0; i < groups; i++)
            places[i] = i;
        random.Shuffle(places.AsSpan());
        var result = (int[])order.Clone();
        for (var i = 0; i < groups; i++)
            order.AsSpan(places[i] * group, group).CopyTo(result.AsSpan(i * group));
        return result;
    }
}
