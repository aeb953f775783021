using System.Text.Json;

namespace MiniMind.Tests;

public sealed class BpeTrainerTests
{
    public static TheoryData<int> Runs => [.. Enumerable.Range(0, 9)];

    [Theory]
    [MemberData(nameof(Runs))]
    public void Merges_and_ids_are_those_of_hugging_faces_trainer(int number)
    {
        using var golden = Tokenizers.ReadGolden("bpe-training.json.gz");
        var run = golden.RootElement.GetProperty("runs")[number];
        var corpus = golden.RootElement.GetProperty("corpora").GetProperty(run.GetProperty("corpus").GetString()!).GetString()!;
        var lines = SplitLines(corpus, run.GetProperty("keeps_line_ends").GetBoolean());
        var trainer = new BpeTrainer(new BpeTrainerOptions
        {
            VocabSize = run.GetProperty("vocab_size").GetInt32(),
            MinFrequency = run.GetProperty("min_frequency").GetInt32(),
        });

        using var json = JsonDocument.Parse(MiniMindTokenizerTests.SavedJson(trainer.Train(lines, TestContext.Current.CancellationToken)));

        var model = json.RootElement.GetProperty("model");
        Assert.Equal(Texts(run.GetProperty("merges")), Texts(model.GetProperty("merges")));
        Assert.Equal(Texts(run.GetProperty("tokens")), model.GetProperty("vocab").EnumerateObject().OrderBy(v => v.Value.GetInt32()).Select(v => v.Name));
    }

    [Fact]
    public void A_saved_tokenizer_loads_with_its_template_and_gives_the_same_ids()
    {
        var folder = Directory.CreateTempSubdirectory("minimind-tokenizer-");
        try
        {
            foreach (var template in (ChatTemplate[])[ChatTemplate.MiniMind2025, ChatTemplate.MiniMind2, ChatTemplate.MiniMind3])
            {
                var trained = new BpeTrainer(new BpeTrainerOptions { VocabSize = 400, ChatTemplate = template }).Train(Tokenizers.TrainingLines, TestContext.Current.CancellationToken);
                trained.Save(folder.FullName);
                var loaded = MiniMindTokenizer.FromDirectory(folder.FullName);

                Assert.Same(template, loaded.ChatTemplate);
                Assert.Equal(400, loaded.VocabSize);
                Assert.Equal((0, 1, 2), (loaded.PadTokenId, loaded.BosTokenId, loaded.EosTokenId));
                Assert.All(Tokenizers.TrainingLines, line => Assert.Equal(trained.Encode(line), loaded.Encode(line)));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Frequent_text_becomes_single_tokens_behind_specials_and_bytes()
    {
        var tokenizer = new BpeTrainer(new BpeTrainerOptions { VocabSize = 263, SpecialTokens = ["<pad>"] })
            .Train(Enumerable.Repeat("low lower", 10), TestContext.Current.CancellationToken);

        Assert.Equal(263, tokenizer.VocabSize);
        Assert.True(tokenizer.TryGetId("<pad>", out var pad));
        Assert.Equal(3, pad);
        Assert.Equal([260, 261, 262], new[] { "lo", "low", "er" }.Select(t => tokenizer.TryGetId(t, out var id) ? id : -1));
        Assert.Equal("low low", tokenizer.Decode([261, .. tokenizer.Encode(" low")]));
    }

    [Fact]
    public void Cancellation_ends_the_training()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();

        Assert.Throws<OperationCanceledException>(() => new BpeTrainer().Train(["text"], source.Token));
    }

    private static IEnumerable<string> Texts(JsonElement array) => array.EnumerateArray().Select(t => t.GetString()!);

    private static IEnumerable<string> SplitLines(string corpus, bool keepsLineEnds)
    {
        var lines = corpus.Split('\n');
        for (var i = 0; i < lines.Length; i++)
            if (i + 1 < lines.Length)
                yield return keepsLineEnds ? lines[i] + "\n" : lines[i].TrimEnd('\r');
            else if (lines[i].Length > 0)
                yield return lines[i];
    }
}
