using Microsoft.Extensions.DependencyInjection;

namespace MiniMind.Training.Snippets;

internal static class Callbacks
{
    public static async Task UseAsync(MiniMindLM model, SftDataset dataset, SftDataset heldOut, MiniMindTokenizer tokenizer)
    {
        #region use-callbacks
        var options = new ReasonDistillOptions { Epochs = 5, EvaluationInterval = 100 };
        ITrainingCallback[] callbacks =
        [
            new ConsoleProgress(stepInterval: 10),
            new CheckpointWriter(new() { Directory = "checkpoints" }),
            new HeldOutLoss(heldOut),
            new LowerRateWhenFlat(),
            new WeightNorm(),
        ];
        await using var trainer = new ReasonDistillTrainer(model, dataset, new WeightedTagLoss(tokenizer), new CosineSchedule(5e-4), options, callbacks);
        var result = await trainer.RunAsync();
        Console.WriteLine(result.StopReason ?? "all steps done");
        #endregion
    }

    public static void Register(IServiceCollection services)
    {
        #region callbacks-in-services
        services.AddReasonDistillation("arithmetic")
            .AddCallback<LowerRateWhenFlat>()
            .AddCallback(provider => new HeldOutLoss(provider.GetRequiredKeyedService<SftDataset>("held-out")));
        #endregion
    }
}
