using System.Collections;
using Microsoft.Extensions.Options;

namespace MiniMind.Training.Tests;

public sealed class BatchLoaderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_and_four_workers_give_the_same_batches_in_the_same_order()
    {
        // The first example of each batch is the slowest for some, so that later batches are ready sooner.
        var source = new Source(50, i => Thread.Sleep(i % 8 == 0 ? 3 : 0));
        var options = new EpochSamplerOptions { BatchSize = 4, Order = SampleOrder.Shuffled };
        var one = await Loader(source, options, workers: 1).ReadEpochAsync(2, 0, Cancel).ToListAsync(Cancel);
        var four = await Loader(source, options, workers: 4).ReadEpochAsync(2, 0, Cancel).ToListAsync(Cancel);
        Assert.Equal(13, one.Count);
        Assert.Equal(new EpochSampler(50, options).Epoch(2), four.Select(b => b.Indices));
        Assert.Equal(one.Select(b => b.InputIds), four.Select(b => b.InputIds));
        Assert.Equal(one.Select(b => b.Indices), four.Select(b => b.Indices));
    }

    [Fact]
    public async Task An_epoch_is_resumed_from_any_batch()
    {
        var loader = Loader(new Source(50), new EpochSamplerOptions { BatchSize = 4, Order = SampleOrder.Shuffled }, workers: 2);
        var whole = await loader.ReadEpochAsync(1, 0, Cancel).ToListAsync(Cancel);
        var rest = await loader.ReadEpochAsync(1, 5, Cancel).ToListAsync(Cancel);
        Assert.Equal(whole.Skip(5).Select(b => b.Indices), rest.Select(b => b.Indices));
        Assert.Empty(await loader.ReadEpochAsync(1, loader.Plan.BatchesOf(1), Cancel).ToListAsync(Cancel));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_fault_surfaces_unchanged_after_the_batches_before_it(int workers)
    {
        var fault = new DatasetException("broken", "f", 21);
        var loader = Loader(new Source(50, i => { if (i >= 20) throw fault; }), new EpochSamplerOptions { BatchSize = 4 }, workers);
        var read = new List<int[]>();
        var thrown = await Assert.ThrowsAsync<DatasetException>(async () =>
        {
            await foreach (var batch in loader.ReadEpochAsync(0, 0, Cancel))
                read.Add(batch.Indices);
        });
        Assert.Same(fault, thrown);
        Assert.Equal(Enumerable.Range(0, 20).Chunk(4), read);
    }

    [Fact]
    public async Task Work_ahead_is_bounded_by_queue_and_workers()
    {
        var source = new Source(400);
        var loader = Loader(source, new EpochSamplerOptions { BatchSize = 1 }, workers: 3, queueSize: 5);
        var handedOut = 0;
        await foreach (var batch in loader.ReadEpochAsync(0, 0, Cancel))
        {
            handedOut++;
            if (batch.Indices[0] % 40 == 0)
            {
                // As far ahead as it may be, it gets; further it must not.
                await WaitUntil(() => source.Reads == Math.Min(400, handedOut + 8));
                await Task.Delay(20, Cancel);
            }
            Assert.InRange(source.Reads, handedOut, handedOut + 8);
        }
        Assert.Equal(400, handedOut);
    }

    [Fact]
    public async Task Breaking_off_stops_the_workers_before_the_loop_is_left()
    {
        var source = new Source(1000, _ => Thread.Sleep(1));
        await foreach (var _ in Loader(source, new EpochSamplerOptions { BatchSize = 2 }, workers: 3).ReadEpochAsync(0, 0, Cancel))
            break;
        var reads = source.Reads;
        Assert.Equal(0, source.Reading);
        await Task.Delay(50, Cancel);
        Assert.Equal(reads, source.Reads);
    }

    [Fact]
    public async Task Cancelling_ends_a_wait_for_a_slow_batch_and_leaves_no_worker()
    {
        using var stop = new CancellationTokenSource();
        var source = new Source(1000, _ => Thread.Sleep(5));
        var loader = Loader(source, new EpochSamplerOptions { BatchSize = 500 }, workers: 2);
        stop.CancelAfter(50);
        var started = TimeProvider.System.GetTimestamp();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await loader.ReadEpochAsync(0, 0, stop.Token).CountAsync(Cancel));
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(2));
        Assert.Equal(0, source.Reading);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await loader.ReadEpochAsync(0, 0, stop.Token).CountAsync(Cancel));
    }

    [Fact]
    public async Task A_dataset_on_disk_is_loaded_by_several_workers()
    {
        using var file = new TemporaryFile(string.Join('\n', Enumerable.Range(0, 100).Select(i => TestChat.Line($"{i}", new string('a', 1 + (i % 20))))));
        using var dataset = TestChat.Open(file.Name);
        var plan = new EpochPlan(dataset.Count, new EpochSamplerOptions { Order = SampleOrder.LengthBucketed }, dataset.MeasureLengths(Cancel));
        var loader = new BatchLoader(dataset, plan, new BatchCollator(dataset.PadTokenId), new BatchLoaderOptions { Workers = 4 });
        var batches = await loader.ReadEpochAsync(0, 0, Cancel).ToListAsync(Cancel);
        Assert.Equal(Enumerable.Range(0, 100), batches.SelectMany(b => b.Indices).Order());
        Assert.Equal(dataset.Measure(Cancel).SupervisedTokenCount, batches.Sum(b => b.SupervisedTokens));
        Assert.Equal(dataset.Measure(Cancel).TokenCount, batches.Sum(b => b.TokenCount));
    }

    [Fact]
    public void Wrong_options_are_refused()
    {
        var fault = Assert.Throws<OptionsValidationException>(new BatchLoaderOptions { Workers = 0, QueueSize = 0 }.Validate);
        Assert.Equal(2, fault.Failures.Count());
    }

    private static BatchLoader Loader(Source source, EpochSamplerOptions options, int workers, int queueSize = 4) => new(
        source, new EpochPlan(source.Count, options), new BatchCollator(0), new BatchLoaderOptions { Workers = workers, QueueSize = queueSize });

    private static async Task WaitUntil(Func<bool> condition)
    {
        for (var i = 0; i < 1000 && !condition(); i++)
            await Task.Delay(5, Cancel);
        Assert.True(condition());
    }

    /// <summary>Example i holds i; reading it runs the given action and is counted.</summary>
    private sealed class Source(int count, Action<int>? onRead = null) : IReadOnlyList<SftExample>
    {
        private int _reads;
        private int _reading;

        public int Count => count;

        public int Reads => Volatile.Read(ref _reads);

        public int Reading => Volatile.Read(ref _reading);

        public SftExample this[int index]
        {
            get
            {
                Interlocked.Increment(ref _reads);
                Interlocked.Increment(ref _reading);
                try
                {
                    onRead?.Invoke(index);
                    return new SftExample([index, index], [index, index], [0, 1]);
                }
                finally
                {
                    Interlocked.Decrement(ref _reading);
                }
            }
        }

        public IEnumerator<SftExample> GetEnumerator() => Enumerable.Range(0, count).Select(i => this[i]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
