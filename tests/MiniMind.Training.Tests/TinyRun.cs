namespace MiniMind.Training.Tests;

/// <summary>A run small enough for a test: random rows over a vocabulary of 40, tags 5 and 6.</summary>
internal static class TinyRun
{
    public static readonly LMConfig Config = new() { Dim = 32, NLayers = 2, NHeads = 4, NKVHeads = 2, VocabSize = 40, MaxSeqLen = 32 };

    public static WeightedTagLoss Loss => WeightedTagLoss.FromTagIds([[5], [6]]);

    public static List<SftExample> Examples(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            int[] ids = [.. Enumerable.Range(0, random.Next(5, 20)).Select(_ => random.Next(1, 40))];
            byte[] mask = [.. Enumerable.Range(0, ids.Length - 1).Select(i => (byte)(i >= ids.Length / 3 ? 1 : 0))];
            return new SftExample(ids[..^1], ids[1..], mask);
        })];
    }

    public static ReasonDistillOptions Options(int batchSize = 2) => new() { Device = "cpu", Sampling = { BatchSize = batchSize } };

    public static ReasonDistillTrainer Trainer(
        MiniMindLM model, IReadOnlyList<SftExample> examples, ReasonDistillOptions options, params ITrainingCallback[] callbacks) =>
        new(model, examples, Loss, new CosineSchedule(1e-3), options, callbacks);

    public static async Task<List<double>> LossesAsync(
        MiniMindLM model, IReadOnlyList<SftExample> examples, ReasonDistillOptions options, params ITrainingCallback[] callbacks)
    {
        var recorder = new ProgressRecorder();
        await using var trainer = Trainer(model, examples, options, [recorder, .. callbacks]);
        await trainer.RunAsync(TestContext.Current.CancellationToken);
        return [.. recorder.Steps.Select(s => s.Loss!.Value)];
    }

    public static string TemporaryFolder() => Directory.CreateTempSubdirectory("minimind-").FullName;
}
