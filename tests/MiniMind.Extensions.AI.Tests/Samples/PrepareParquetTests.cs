using MiniMind.Samples.PrepareParquet;
using MiniMind.Training;
using Parquet.Serialization;

namespace MiniMind.Extensions.AI.Tests;

public sealed class PrepareParquetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-parquet-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Columns_of_question_reasoning_and_answer_become_rows_that_are_read()
    {
        Solved[] rows = [new() { question = "2+2?", reasoning = "2 and 2", answer = "4", score = 0.5, tags = ["a", "b"] }, new() { question = "é?", answer = "1", count = 7 }];
        await ParquetSerializer.SerializeAsync(rows, InFolder("a.parquet"), cancellationToken: Cancel);

        Assert.Equal(2, await ParquetRows.WriteJsonlAsync(InFolder("a.parquet"), InFolder("a.jsonl"), null, Cancel));

        Assert.Equal(
            ["""{"question":"2+2?","reasoning":"2 and 2","answer":"4","score":0.5,"tags":["a","b"]}""", """{"question":"é?","answer":"1","score":0,"count":7}"""],
            await File.ReadAllLinesAsync(InFolder("a.jsonl"), Cancel));
        Assert.Equal(
            ["2+2?/2 and 2/4", "é?//1"],
            new ConversationReader().Read(InFolder("a.jsonl")).Select(c => $"{c.Turns[0].Content}/{c.Turns[1].ReasoningContent}/{c.Turns[1].Content}"));
    }

    [Fact]
    public async Task Lists_of_turns_in_several_shards_and_groups_of_rows_become_one_data_set()
    {
        Directory.CreateDirectory(InFolder("data"));
        for (var shard = 0; shard < 2; shard++)
        {
            var rows = Enumerable.Range(0, 5).Select(i => new Chat { messages = [new() { role = "user", content = $"{shard}{i}" }, new() { role = "assistant", content = "ok" }] }).ToList();
            await using var stream = File.Create(InFolder($"data/train-0000{shard}-of-00002.parquet"));
            await ParquetSerializer.SerializeAsync(rows, stream, new Parquet.ParquetOptions { RowGroupSize = 2 }, cancellationToken: Cancel);
        }

        Assert.Equal(10, await ParquetRows.WriteJsonlAsync(InFolder("data"), InFolder("all.jsonl"), null, Cancel));

        Assert.Equal(
            ["00", "01", "02", "03", "04", "10", "11", "12", "13", "14"], new ConversationReader().Read(InFolder("all.jsonl")).Select(c => c.Turns[0].Content));
    }

    [Fact]
    public async Task What_cannot_be_written_is_named_and_leaves_the_output_alone()
    {
        await File.WriteAllTextAsync(InFolder("out.jsonl"), "before", Cancel);
        await File.WriteAllTextAsync(InFolder("text.parquet"), "no Parquet file at all", Cancel);
        await ParquetSerializer.SerializeAsync<Picture>([new() { name = "x", bytes = [1, 2] }], InFolder("picture.parquet"), cancellationToken: Cancel);

        Assert.StartsWith($"{InFolder("none.parquet")}: there is no such file", await FaultAsync("none.parquet"), StringComparison.Ordinal);
        Assert.StartsWith($"{InFolder("text.parquet")}: ", await FaultAsync("text.parquet"), StringComparison.Ordinal);
        Assert.Contains("the column \"bytes\" holds ", await FaultAsync("picture.parquet"), StringComparison.Ordinal);
        Assert.Contains("there is no column \"names\", only name, bytes", await FaultAsync("picture.parquet", "names"), StringComparison.Ordinal);
        Assert.Equal("before", await File.ReadAllTextAsync(InFolder("out.jsonl"), Cancel));
        Assert.Equal(1, await ParquetRows.WriteJsonlAsync(InFolder("picture.parquet"), InFolder("out.jsonl"), ["name"], Cancel));
        Assert.Equal("{\"name\":\"x\"}\n", await File.ReadAllTextAsync(InFolder("out.jsonl"), Cancel));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string InFolder(string name) => Path.Combine(_folder, name);

    private async Task<string> FaultAsync(string name, string? column = null) =>
        (await Assert.ThrowsAsync<InvalidDataException>(() => ParquetRows.WriteJsonlAsync(InFolder(name), InFolder("out.jsonl"), column is null ? null : [column], Cancel))).Message;

#pragma warning disable IDE1006, SA1300, CA1819 // The names are those of columns.
    private sealed class Solved
    {
        public string? question { get; set; }

        public string? reasoning { get; set; }

        public string? answer { get; set; }

        public double score { get; set; }

        public int? count { get; set; }

        public List<string> tags { get; set; } = [];
    }

    private sealed class Chat
    {
        public List<Turn> messages { get; set; } = [];
    }

    private sealed class Turn
    {
        public string? role { get; set; }

        public string? content { get; set; }
    }

    private sealed class Picture
    {
        public string? name { get; set; }

        public byte[]? bytes { get; set; }
    }
#pragma warning restore IDE1006, SA1300, CA1819
}
