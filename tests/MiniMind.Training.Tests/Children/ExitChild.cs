namespace MiniMind.Training.Tests.Children;

/// <summary>Ends while a run or a reply is going on, nothing disposed.</summary>
internal static class ExitChild
{
    public const int ExitCode = 3;

    public static async Task<int> RunAsync(string mode)
    {
        var tokenizer = new BpeTrainer(new() { VocabSize = 320 }).Train(["some text to learn from"]);
        var model = new MiniMindLM(TinyRun.Config with { VocabSize = tokenizer.VocabSize, MaxSeqLen = 4096 }, seed: 5);
        var (work, end) = mode.Split('-') is [var first, var second] ? (first, second) : throw new ArgumentException(mode, nameof(mode));
        var begun = new TaskCompletionSource();
        switch (work)
        {
            case "run":
                // A group in one native call after the other.
                var options = TinyRun.Options() with { Epochs = 100_000, AccumulationSteps = 50 };
                _ = TinyRun.Trainer(model, TinyRun.Examples(200), options, new OnStep(50, _ => begun.SetResult())).RunAsync();
                break;
            case "reply":
                var generator = new TextGenerator(model, tokenizer);
                _ = Task.Run(async () =>
                {
                    while (true)
                    {
                        await foreach (var piece in generator.StreamAsync([new("user", "hi")], new() { MaxNewTokens = 1000, StopTokens = [] }))
                            begun.TrySetResult();
                        begun.TrySetResult();
                    }
                });
                break;
            case "generate":
                _ = Task.Run(() =>
                {
                    using var own = new TextGenerator(model, tokenizer);
                    begun.SetResult();
                    while (true)
                        own.Generate([[5, 6]], new() { MaxNewTokens = 200, StopTokens = [] });
                });
                break;
            default:
                throw new ArgumentException(mode, nameof(mode));
        }

        await begun.Task;
        await Task.Delay(Random.Shared.Next(100));
        if (end == "exit")
            Environment.Exit(ExitCode);
        if (end == "throw")
            throw new InvalidOperationException("the program's own error");
        return ExitCode;
    }
}
