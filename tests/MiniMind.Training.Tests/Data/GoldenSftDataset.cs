using System.Text.Json;

namespace MiniMind.Training.Tests;

/// <summary>The reference's dataset rows: 12 conversations, the 2025 tokenizer, maximum length 128, roles by position.</summary>
internal static class GoldenSftDataset
{
    public const int MaxLength = 128;

    public static AssistantSpans Spans { get; } = new([1, 1078, 538, 501], [2]);

    public static IReadOnlyList<Row> Rows { get; } = Load();

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, 12)];

    private static Row[] Load()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "sft_dataset.json")));
        return
        [
            .. json.RootElement.GetProperty("examples").EnumerateArray().Select(e => new Row(
                JsonSerializer.Serialize(new { conversations = e.GetProperty("conversations") }),
                e.GetProperty("prompt_text_by_declared_role").GetString()!,
                e.GetProperty("untruncated_length").GetInt32(),
                Ints(e, "input_ids"),
                Ints(e, "X"),
                Ints(e, "Y"),
                Ints(e, "loss_mask"))),
        ];
    }

    private static int[] Ints(JsonElement element, string key) => [.. element.GetProperty(key).EnumerateArray().Select(v => v.GetInt32())];

    public sealed record Row(string Jsonl, string DeclaredText, int FullLength, int[] InputIds, int[] X, int[] Y, int[] LossMask)
    {
        /// <summary>An example, padded as the reference pads, equals this row.</summary>
        public void AssertEquals(SftExample example)
        {
            var padded = new BatchCollator(0, MaxLength - 1).Collate([example]);
            Assert.Equal(X, padded.InputIds.Select(id => (int)id));
            Assert.Equal(Y, padded.Labels.Select(id => (int)id));
            Assert.Equal(LossMask, padded.LossMask.Select(m => (int)m));
        }
    }
}
