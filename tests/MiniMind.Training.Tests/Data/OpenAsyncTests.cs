namespace MiniMind.Training.Tests;

public sealed class OpenAsyncTests : IDisposable
{
    private static readonly Lazy<MiniMindTokenizer> Tokenizer = new(() => new BpeTrainer(new() { VocabSize = 280 }).Train(["two and two make four"]));

    private readonly TemporaryFile _file = new(string.Concat(Enumerable.Range(0, 2500).Select(i => TestChat.Line($"{i}?", $"{i}.") + "\n")));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task The_examples_are_those_of_Open_and_progress_counts_rows()
    {
        var progress = new Told();
        using var opened = await SftDataset.OpenAsync(_file.Name, Tokenizer.Value, progress: progress, cancellationToken: Cancel);
        using var expected = SftDataset.Open(_file.Name, Tokenizer.Value, cancellationToken: Cancel);

        Assert.Equal([1000, 2000, 2500], progress.Values);
        Assert.Equal(2500, opened.Count);
        foreach (var index in (int[])[0, 1234, 2499])
            Assert.Equal(expected[index].InputIds, opened[index].InputIds);
    }

    [Fact]
    public async Task Rows_that_are_left_out_are_counted_too()
    {
        await File.AppendAllTextAsync(_file.Name, "{\"conversations\": 7}\n", Cancel);
        var progress = new Told();
        using var dataset = await SftDataset.OpenAsync(
            _file.Name, Tokenizer.Value, new SftDatasetOptions { InvalidExamples = InvalidExamplePolicy.Skip }, progress, Cancel);

        Assert.Equal((2500, 1), (dataset.Count, dataset.SkippedCount));
        Assert.Equal(2501, progress.Values[^1]);
    }

    [Fact]
    public async Task From_a_cache_no_row_is_read()
    {
        var folder = TinyRun.TemporaryFolder();
        try
        {
            var (first, second) = (new Told(), new Told());
            var options = new SftDatasetOptions { CacheDirectory = folder };
            using (await SftDataset.OpenAsync(_file.Name, Tokenizer.Value, options, first, Cancel))
                Assert.Equal(2500, first.Values[^1]);
            using var cached = await SftDataset.OpenAsync(_file.Name, Tokenizer.Value, options, second, Cancel);

            Assert.Equal(2500, cached.Count);
            Assert.Empty(second.Values);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task It_can_be_cancelled_while_rows_are_read()
    {
        using var source = new CancellationTokenSource();
        var progress = new Told(() => source.Cancel());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => SftDataset.OpenAsync(_file.Name, Tokenizer.Value, progress: progress, cancellationToken: source.Token));

        Assert.Equal([1000], progress.Values);
    }

    [Fact]
    public async Task A_fault_of_the_file_is_that_of_Open()
    {
        await File.AppendAllTextAsync(_file.Name, "no JSON\n", Cancel);

        var exception = await Assert.ThrowsAsync<DatasetException>(() => SftDataset.OpenAsync(_file.Name, Tokenizer.Value, cancellationToken: Cancel));

        Assert.Equal(Assert.Throws<DatasetException>(() => SftDataset.Open(_file.Name, Tokenizer.Value, cancellationToken: Cancel)).Message, exception.Message);
    }

    /// <summary>Keeps what it is told, at once and on the thread that tells it.</summary>
    private sealed class Told(Action? act = null) : IProgress<long>
    {
        public List<long> Values { get; } = [];

        public void Report(long value)
        {
            Values.Add(value);
            act?.Invoke();
        }
    }
}
