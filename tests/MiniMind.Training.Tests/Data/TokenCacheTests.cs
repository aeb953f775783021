using MiniMind.Tests;

namespace MiniMind.Training.Tests;

public sealed class TokenCacheTests : IDisposable
{
    private const string Lines = """
        {"conversations": [{"role": "user", "content": "one and two"}, {"role": "assistant", "content": "three"}]}
        {"conversations": [{"role": "user", "content": "four"}]}
        {"conversations": [{"role": "user", "content": "five"}, {"role": "assistant", "content": "six seven"}]}
        """;

    private const string Words = "one two three four five six";

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"minimind-cache-{Guid.NewGuid():N}");
    private readonly MiniMindTokenizer _tokenizer = new BpeTrainer(new BpeTrainerOptions { VocabSize = 280 }).Train([Words], TestContext.Current.CancellationToken);

    [Fact]
    public void Cached_examples_and_reasons_are_those_of_the_file()
    {
        using var file = new TemporaryFile(Lines);
        using var plain = SftDataset.Open(file.Name, _tokenizer, Options(null), TestContext.Current.CancellationToken);
        using (SftDataset.Open(file.Name, _tokenizer, Options(_folder), TestContext.Current.CancellationToken))
        {
        }

        using var cached = SftDataset.Open(file.Name, _tokenizer, Options(_folder), TestContext.Current.CancellationToken);

        AssertSame(plain, cached);
        Assert.Equal(plain.Skipped.Single().Reason, cached.Skipped.Single().Reason);
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void The_second_opening_does_not_tokenize()
    {
        using var file = new TemporaryFile(Lines);
        using (var first = SftDataset.Open(file.Name, _tokenizer, Options(_folder), TestContext.Current.CancellationToken))
            Assert.Equal(2, first.Count);
        var cache = Directory.GetFiles(_folder).Single();
        var written = File.GetLastWriteTimeUtc(cache);

        using var second = SftDataset.Open(file.Name, _tokenizer, Options(_folder), TestContext.Current.CancellationToken);

        Assert.Equal(written, File.GetLastWriteTimeUtc(cache));
        Assert.Equal(2, second.Count);
    }

    [Fact]
    public void Another_text_tokenizer_or_setting_is_another_cache()
    {
        var other = new BpeTrainer(new BpeTrainerOptions { VocabSize = 280 }).Train([Words + " seven seven"], TestContext.Current.CancellationToken);
        var template = new BpeTrainer(new BpeTrainerOptions { VocabSize = 280, ChatTemplate = ChatTemplate.MiniMind2 }).Train([Words], TestContext.Current.CancellationToken);
        using var file = new TemporaryFile(Lines);
        using var edited = new TemporaryFile(Lines.Replace("seven", "eight", StringComparison.Ordinal));
        string[] paths =
        [
            TokenCache.PathFor(_folder, [file.Name], _tokenizer.Fingerprint(), Options(_folder)),
            TokenCache.PathFor(_folder, [edited.Name], _tokenizer.Fingerprint(), Options(_folder)),
            TokenCache.PathFor(_folder, [file.Name], other.Fingerprint(), Options(_folder)),
            TokenCache.PathFor(_folder, [file.Name], template.Fingerprint(), Options(_folder)),
            TokenCache.PathFor(_folder, [file.Name], _tokenizer.Fingerprint(), Options(_folder) with { MaxLength = 9 }),
            TokenCache.PathFor(_folder, [file.Name], _tokenizer.Fingerprint(), Options(_folder) with { ContentAsPlainText = false }),
            TokenCache.PathFor(_folder, [file.Name], _tokenizer.Fingerprint(), Options(_folder) with { Truncation = TruncationPolicy.Skip }),
            TokenCache.PathFor(_folder, [file.Name, edited.Name], _tokenizer.Fingerprint(), Options(_folder)),
            TokenCache.PathFor(_folder, [edited.Name, file.Name], _tokenizer.Fingerprint(), Options(_folder)),
            TokenCache.PathFor(_folder, [file.Name], _tokenizer.Fingerprint(), Options(_folder) with { EmptyReplies = EmptyReplyPolicy.Teach }),
            TokenCache.PathFor(_folder, [file.Name], _tokenizer.Fingerprint(), Options(_folder) with { ConsecutiveTurns = ConsecutiveTurnsPolicy.Merge }),
            TokenCache.PathFor(_folder, [file.Name], _tokenizer.Fingerprint(), Options(_folder) with { Columns = new DatasetColumns { Turns = "messages" } }),
            TokenCache.PathFor(_folder, [file.Name], _tokenizer.Fingerprint(), Options(_folder) with { PadTokenId = 3 }),
            TokenCache.PathFor(_folder, [file.Name], _tokenizer.Fingerprint(), Options(_folder) with { ReasoningContent = ReasoningContentPolicy.Reference }),
        ];

        Assert.Equal(paths.Length, paths.Distinct().Count());
        Assert.Equal(paths[0], TokenCache.PathFor(_folder, [file.Name], _tokenizer.Fingerprint(), Options("elsewhere")));
    }

    [Fact]
    public void A_damaged_cache_is_made_again()
    {
        using var file = new TemporaryFile(Lines);
        using var plain = SftDataset.Open(file.Name, _tokenizer, Options(null), TestContext.Current.CancellationToken);
        using (SftDataset.Open(file.Name, _tokenizer, Options(_folder), TestContext.Current.CancellationToken))
        {
        }

        var cache = Directory.GetFiles(_folder).Single();
        var whole = File.ReadAllBytes(cache);
        foreach (var damaged in (byte[][])[[], whole[..^1], whole[20..], [.. whole[..^60], 7, .. whole[^59..]], "an older format"u8.ToArray()])
        {
            File.WriteAllBytes(cache, damaged);
            using var dataset = SftDataset.Open(file.Name, _tokenizer, Options(_folder), TestContext.Current.CancellationToken);
            AssertSame(plain, dataset);
            Assert.Equal(whole, File.ReadAllBytes(cache));
        }
    }

    [Fact]
    public void A_row_that_is_not_what_was_written_is_named()
    {
        using var file = new TemporaryFile(Lines);
        using (SftDataset.Open(file.Name, _tokenizer, Options(_folder), TestContext.Current.CancellationToken))
        {
        }

        var cache = Directory.GetFiles(_folder).Single();
        var bytes = File.ReadAllBytes(cache);
        bytes[5] ^= 0x7F;
        File.WriteAllBytes(cache, bytes);
        using var dataset = SftDataset.Open(file.Name, _tokenizer, Options(_folder), TestContext.Current.CancellationToken);

        Assert.Equal(
            $"{cache}: row 0 of the cache of token ids is not what was written there; delete the file, and the next opening makes it again",
            Assert.Throws<DatasetException>(() => dataset[0]).Message);
        Assert.NotEmpty(dataset[1].InputIds);
    }

    [Fact]
    public void Caches_that_are_no_files_are_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes among its files");
        using var file = new TemporaryFile(Lines);
        Directory.CreateDirectory(_folder);
        ExternalProgram.Run("mkfifo", TokenCache.PathFor(_folder, [file.Name], _tokenizer.Fingerprint(), Options(_folder)));

        var exception = Assert.Throws<DatasetException>(() => SftDataset.Open(file.Name, _tokenizer, Options(_folder), TestContext.Current.CancellationToken));

        Assert.Contains("it is a pipe, a socket or a device", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_line_leaves_no_cache()
    {
        using var file = new TemporaryFile(Lines);

        var exception = Assert.Throws<DatasetException>(
            () => SftDataset.Open(file.Name, _tokenizer, Options(_folder) with { InvalidExamples = InvalidExamplePolicy.Fail }, TestContext.Current.CancellationToken));

        Assert.Equal(2, exception.Line);
        Assert.False(Directory.Exists(_folder) && Directory.EnumerateFileSystemEntries(_folder).Any());
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private static SftDatasetOptions Options(string? folder) => new() { InvalidExamples = InvalidExamplePolicy.Skip, CacheDirectory = folder };

    private static void AssertSame(SftDataset expected, SftDataset actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.Equal(expected.SkippedCount, actual.SkippedCount);
        Assert.Equal(expected.Measure(TestContext.Current.CancellationToken).TokenCount, actual.Measure(TestContext.Current.CancellationToken).TokenCount);
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].InputIds, actual[i].InputIds);
            Assert.Equal(expected[i].Labels, actual[i].Labels);
            Assert.Equal(expected[i].LossMask, actual[i].LossMask);
        }
    }
}
