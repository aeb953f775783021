using MiniMind.Training;

namespace MiniMind.LlamaCpp.Tests;

/// <summary>A trained student says the same in llama.cpp, and ends its turns there.</summary>
public sealed class StudentTests : IDisposable
{
    private const int Longest = 32;
    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-llama-").FullName;

    public StudentTests() => LlamaCppBackend.Require();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_student_says_the_same_there_and_ends_where_it_ends_here()
    {
        var sums = (from a in Enumerable.Range(1, 20) from b in Enumerable.Range(1, 20) select (Question: $"What is {a} + {b}?", Reply: $"{a} + {b} = {a + b}")).ToList();
        var lessons = sums.ConvertAll(s => new Conversation([new ChatTurn("user", s.Question), new ChatTurn("assistant", s.Reply)]));
        var texts = lessons.SelectMany(lesson => lesson.Turns).Select(turn => turn.Content);
        var tokenizer = new BpeTrainer(new() { VocabSize = 320, ChatTemplate = ChatTemplate.MiniMind3 }).Train(texts, TestContext.Current.CancellationToken);
        using var model = new MiniMindLM(TinyModels.Dense with { VocabSize = tokenizer.VocabSize, QKNorm = true }, seed: 3);
        using (var data = SftDataset.FromConversations(lessons, tokenizer, new SftDatasetOptions { MaxLength = 64 }))
        {
            var options = new ReasonDistillOptions { Device = "cpu", Epochs = 6, Sampling = { BatchSize = 16 } };
            await using var trainer = new ReasonDistillTrainer(model, data, new WeightedTagLoss(tokenizer), new CosineSchedule(3e-3), options);
            await trainer.RunAsync(TestContext.Current.CancellationToken);
        }

        var path = Path.Combine(_folder, "student.gguf");
        model.SaveGguf(path, tokenizer, new GgufOptions { Type = GgufType.F32 });
        using var theirs = new LlamaCppModel(path);
        using var generator = new TextGenerator(model, tokenizer);
        var ended = 0;
        foreach (var (question, _) in sums.Where((_, i) => i % 20 == 7))
        {
            var prompt = generator.EncodePrompt([new ChatTurn("user", question)]);
            var ours = generator.Generate([prompt], new GenerationOptions { MaxNewTokens = Longest }, TestContext.Current.CancellationToken)[0];
            var continuation = theirs.Continue(prompt, Longest, stops: true);
            Assert.Equal(ours.Ids.Where(id => id != tokenizer.EosTokenId), continuation.Tokens);
            Assert.Equal(ours.IsTruncated ? null : tokenizer.EosTokenId, continuation.End);
            ended += continuation.End is null ? 0 : 1;
        }

        Assert.InRange(ended, 15, 20);
    }
}
