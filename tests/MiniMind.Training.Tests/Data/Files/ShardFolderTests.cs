using System.Text;

namespace MiniMind.Training.Tests;

public sealed class ShardFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-shards-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shards_are_one_data_set_in_the_order_of_their_numbers()
    {
        Write("part-10.jsonl", TestChat.Line("10", "a"));
        Write("part-2.json", $"[{TestChat.Line("2", "a")}, {TestChat.Line("3", "a")}]");
        File.WriteAllBytes(Path.Combine(_folder, "part-1.jsonl.gz"), GzipTextTests.Pack(Encoding.UTF8.GetBytes(TestChat.Line("1", "a"))));
        Write("README.md", "A card.");
        Write("dataset_infos.json", "{}");
        Write(".gitattributes", "*.jsonl filter=lfs");
        string[] expected = ["1", "2", "3", "10"];

        Assert.Equal(expected, new ConversationReader().Read(_folder).Select(c => c.Turns[0].Content));
        Assert.Equal(expected, (await new ConversationReader().ReadAsync(_folder, Cancel).ToListAsync(Cancel)).Select(c => c.Turns[0].Content));
        using var dataset = TestChat.Open(_folder);
        Assert.Equal(expected, dataset.Select(e => string.Concat(e.InputIds.Skip(3).TakeWhile(id => id != 2).Select(id => (char)(id - 1000)))));
    }

    [Fact]
    public void A_fault_names_shard_and_row()
    {
        Write("a.jsonl", TestChat.Line("1", "a"));
        Write("b.json", $"[{TestChat.Line("2", "a")}, {{}}]");

        Assert.StartsWith($"{Path.Combine(_folder, "b.json")}(element 2): no question is there", Fault(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_cache_serves_a_folder_and_names_the_shard()
    {
        Write("a.jsonl", TestChat.Line("two and two", "four"));
        Write("b.jsonl", TestChat.Line("two and four", "six"));
        var tokenizer = new BpeTrainer(new BpeTrainerOptions { VocabSize = 280 }).Train(["two and two is four"], Cancel);
        var cache = Directory.CreateTempSubdirectory("minimind-cache-").FullName;
        try
        {
            var options = new SftDatasetOptions { CacheDirectory = cache };
            using var plain = SftDataset.Open(_folder, tokenizer, cancellationToken: Cancel);
            using (SftDataset.Open(_folder, tokenizer, options, Cancel))
            {
            }

            var file = Directory.GetFiles(cache).Single();
            var written = File.GetLastWriteTimeUtc(file);
            using var cached = SftDataset.Open(_folder, tokenizer, options, Cancel);
            Assert.Equal(plain.Select(e => e.InputIds), cached.Select(e => e.InputIds));
            Assert.Equal(written, File.GetLastWriteTimeUtc(file));
            Write("b.jsonl", TestChat.Line("two and six", "eight"));
            using var other = SftDataset.Open(_folder, tokenizer, options, Cancel);
            Assert.Equal(2, Directory.GetFiles(cache).Length);
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    [Theory]
    [InlineData("train-00000-of-00003.jsonl train-00002-of-00003.jsonl", "holds 2 of the 3 parts of \"train\"; expected all of them (not there: 1)")]
    [InlineData("train-00000-of-00002.jsonl train-00001-of-00002.jsonl test-00000-of-00001.jsonl", "holds parts of several data sets")]
    [InlineData("train.jsonl test.jsonl", "holds several splits (\"test.jsonl\", \"train.jsonl\"); expected one data set")]
    [InlineData("train.jsonl train.jsonl.gz", "holds \"train.jsonl\", \"train.jsonl.gz\", which seem to be the same data; expected one of them")]
    [InlineData("train.jsonl held_out.jsonl", "holds several splits (\"held_out.jsonl\", \"train.jsonl\")")]
    [InlineData("gsm8k-train.jsonl gsm8k-held-out.jsonl", "holds several splits")]
    [InlineData("data.jsonl test.jsonl", "holds several splits")]
    [InlineData("train-00000-of-00001.jsonl train.jsonl", "holds \"train.jsonl\" and parts of \"train\", which seem to be the same data")]
    [InlineData("train-0-of-2.jsonl train-00000-of-00002.jsonl train-00001-of-00002.jsonl", "holds 3 parts of \"train\", which has 2; expected each of them once")]
    [InlineData("train-0-of-2.jsonl train-1-of-2.jsonl train-2-of-2.jsonl", "holds 3 parts of \"train\", which has 2; expected each of them once")]
    [InlineData("train.jsonl notes.txt", "holds \"notes.txt\", which is no file of conversations by its name")]
    [InlineData("README.md", "holds no file of conversations; expected .jsonl or .json files")]
    [InlineData("data/train.jsonl", "holds no file of conversations, only the folders \"data\"")]
    [InlineData("train.jsonl more/train.jsonl", "holds files and the folders \"more\"; expected files only")]
    public void A_folder_that_is_not_one_whole_data_set_is_refused(string names, string problem)
    {
        foreach (var name in names.Split(' '))
            Write(name, TestChat.Line("q", "a"));

        Assert.StartsWith($"{_folder}: the folder {problem}", Fault(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train-00000-of-00002.jsonl train-00001-of-00002.jsonl")]
    [InlineData("train-00001-of-00002.jsonl train-00002-of-00002.jsonl")]
    [InlineData("train_a.jsonl train_b.jsonl _SUCCESS")]
    [InlineData("train.jsonl extra.jsonl")]
    [InlineData("test-1.jsonl test-2.jsonl")]
    public void Whole_sets_are_read(string names)
    {
        foreach (var name in names.Split(' '))
            Write(name, TestChat.Line("q", "a"));

        using var dataset = TestChat.Open(_folder);
        Assert.Equal(2, dataset.Count);
    }

    [Fact]
    public void A_folder_of_another_kind_says_which()
    {
        Write("train-00000-of-00001.parquet", "PAR1 and more");

        Assert.StartsWith($"{Path.Combine(_folder, "train-00000-of-00001.parquet")}: the file is a Parquet file, which is not read; write it as JSONL first", Fault(), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Fault() => Assert.Throws<DatasetException>(() => TestChat.Open(_folder)).Message;

    private void Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text + "\n");
    }
}
