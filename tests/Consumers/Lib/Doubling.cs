using MiniMind;
using MiniMind.Training;

namespace Lib;

/// <summary>A library that trains and leaves the choice of libtorch to the program.</summary>
public static class Doubling
{
    public static IReadOnlyList<Conversation> Lessons { get; } = [.. Enumerable.Range(0, 400).Select(i => new Conversation([
        new ChatTurn("user", $"What is {i} + {i}?"),
        new ChatTurn("assistant", ReasoningReply.Compose($"{i} + {i} = {i + i}", $"{i + i}"))]))];

    public static async Task<double> TrainAsync(string directory, int steps, CancellationToken cancellationToken = default)
    {
        var tokenizer = new BpeTrainer(new() { VocabSize = 320 }).Train(Lessons.SelectMany(l => l.Turns).Select(t => t.Content), cancellationToken);
        using var dataset = SftDataset.FromConversations(Lessons, tokenizer);
        using var model = new MiniMindLM(new() { Dim = 128, NLayers = 2, NHeads = 4, VocabSize = tokenizer.VocabSize }, seed: 1);
        await using var trainer = new ReasonDistillTrainer(
            model, dataset, new WeightedTagLoss(tokenizer), new CosineSchedule(2e-3), new() { MaxSteps = steps, Sampling = { BatchSize = 8 } });
        var result = await trainer.RunAsync(cancellationToken);
        model.SaveModel(directory, new() { Tokenizer = tokenizer });
        return result.LastLoss!.Value;
    }
}
