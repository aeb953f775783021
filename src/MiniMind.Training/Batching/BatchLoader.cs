using System.Runtime.CompilerServices;

namespace MiniMind.Training;

/// <summary>Makes the batches of an epoch in the background, in order, at most a bounded number ahead of the consumer.</summary>
/// <remarks>At most <c>QueueSize + Workers</c> batches are made or being made beyond those handed out. <see cref="BatchLoaderOptions.Workers"/> threads read
/// the examples at the same time, so their list must allow that; <see cref="SftDataset"/> and arrays do.</remarks>
internal sealed class BatchLoader
{
    private readonly IReadOnlyList<SftExample> _examples;
    private readonly BatchCollator _collator;
    private readonly ExampleCheck? _check;
    private readonly BatchLoaderOptions _options;
    private volatile Func<int>? _countReady;

    /// <param name="examples">The dataset.</param>
    /// <param name="plan">Says which of them are in which batch of an epoch.</param>
    /// <param name="collator">Puts them together.</param>
    /// <param name="options">Workers and queue; none for the defaults.</param>
    /// <param name="check">Refuses examples that the model cannot take; none for no check.</param>
    public BatchLoader(
        IReadOnlyList<SftExample> examples, EpochPlan plan, BatchCollator collator, BatchLoaderOptions? options = null, ExampleCheck? check = null)
    {
        (_examples, Plan, _collator, _check) = (examples, plan, collator, check);
        _options = options ?? new BatchLoaderOptions();
    }

    /// <summary>Which examples the epochs visit.</summary>
    public EpochPlan Plan { get; }

    /// <summary>Batches that are made and wait to be read.</summary>
    public int ReadyCount => _countReady?.Invoke() ?? 0;

    /// <summary>The same loader with another plan.</summary>
    public BatchLoader With(EpochPlan plan) => new(_examples, plan, _collator, _options, _check);

    /// <summary>Reads an epoch, or the rest of it from a batch on. Work begins with the enumeration; ending it early stops the workers and waits for
    /// them. An exception from the examples (<see cref="DatasetException"/>) is thrown unchanged where its batch would be.</summary>
    /// <param name="epoch">Counted from 0.</param>
    /// <param name="startBatch">The first batch to read, counted from 0; the number of batches for none.</param>
    /// <param name="cancellationToken">Stops both.</param>
    public async IAsyncEnumerable<Batch> ReadEpochAsync(int epoch, int startBatch = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var batches = Plan.Epoch(epoch);
        Batch Make(int number, CancellationToken cancelled) => MakeBatch(batches[number], cancelled);
        var ahead = new OrderedPrefetch<Batch>(Make, startBatch, batches.Count, _options.QueueSize, _options.Workers);
        _countReady = () => ahead.ReadyCount;
        await using (ahead.ConfigureAwait(false))
        {
            for (var number = startBatch; number < batches.Count; number++)
                yield return await ahead.NextAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private Batch MakeBatch(int[] indices, CancellationToken cancellationToken)
    {
        var rows = new SftExample[indices.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows[i] = _examples[indices[i]];
            _check?.Require(rows[i], indices[i]);
        }
        return _collator.Collate(rows, indices);
    }
}
