using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>Makes the batches of an epoch in the background, in order, at most a bounded number ahead of the consumer.</summary>
/// <remarks>At most <c>QueueSize + Workers</c> batches are made or being made beyond those handed out. The examples are read by
/// <see cref="BatchLoaderOptions.Workers"/> threads at the same time, so their list must allow that; <see cref="SftDataset"/> and arrays do.
/// The loader owns nothing: dispose the dataset when no epoch is being read any more.</remarks>
internal sealed class BatchLoader
{
    private readonly IReadOnlyList<SftExample> _examples;
    private readonly EpochSampler _sampler;
    private readonly BatchCollator _collator;
    private readonly int _queueSize;
    private readonly int _workers;

    /// <param name="examples">The examples; read by several threads if there are several workers.</param>
    /// <param name="sampler">Which examples go into which batch; made for as many examples.</param>
    /// <param name="collator">Makes batches of them.</param>
    /// <param name="options">How far and how wide to work ahead; null for the defaults.</param>
    /// <exception cref="OptionsValidationException">The options hold values out of range.</exception>
    /// <exception cref="ArgumentException">The sampler is for another number of examples.</exception>
    public BatchLoader(IReadOnlyList<SftExample> examples, EpochSampler sampler, BatchCollator collator, BatchLoaderOptions? options = null)
    {
        options ??= new BatchLoaderOptions();
        options.Validate();
        if (sampler.ExampleCount != examples.Count)
            throw new ArgumentException($"A sampler of {sampler.ExampleCount} for {examples.Count} examples; expected as many.", nameof(sampler));
        (_examples, _sampler, _collator) = (examples, sampler, collator);
        (_queueSize, _workers) = (options.QueueSize, options.Workers);
    }

    /// <summary>The batches of one epoch.</summary>
    public int BatchesPerEpoch => _sampler.BatchesPerEpoch;

    /// <summary>Reads an epoch, or the rest of it from a batch on. Work begins with the enumeration; ending it early stops the workers and waits for
    /// them. An exception from the examples (<see cref="DatasetException"/>) is thrown unchanged where its batch would be.</summary>
    /// <param name="epoch">Counted from 0.</param>
    /// <param name="startBatch">The first batch to read, counted from 0; the number of batches for none.</param>
    /// <param name="cancellationToken">Stops reading and working ahead.</param>
    /// <exception cref="ArgumentOutOfRangeException">The epoch or the batch is negative, or the batch beyond the epoch.</exception>
    public IAsyncEnumerable<Batch> ReadEpochAsync(int epoch, int startBatch = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(startBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(startBatch, BatchesPerEpoch);
        return ReadAsync(epoch, startBatch, cancellationToken);
    }

    private async IAsyncEnumerable<Batch> ReadAsync(int epoch, int startBatch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var batches = _sampler.Epoch(epoch);
        Batch Make(int number, CancellationToken cancelled) => MakeBatch(batches[number], cancelled);
        var ahead = new OrderedPrefetch<Batch>(Make, startBatch, batches.Count, _queueSize, _workers);
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
        }
        return _collator.Collate(rows, indices);
    }
}
