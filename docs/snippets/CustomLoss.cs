using Microsoft.Extensions.DependencyInjection;

namespace MiniMind.Training.Snippets;

internal static class CustomLoss
{
    public static async Task UseAsync(MiniMindLM model, SftDataset dataset, MiniMindTokenizer tokenizer, ReasonDistillOptions options)
    {
        #region use-loss
        var loss = new FocalLoss(new WeightedTagLoss(tokenizer));
        await using var trainer = new ReasonDistillTrainer(model, dataset, loss, new CosineSchedule(5e-4), options, [new ShowComponents()]);
        await trainer.RunAsync();
        #endregion
    }

    public static void Register(IServiceCollection services)
    {
        #region use-loss-in-services
        services.AddReasonDistillation("arithmetic")
            .UseLoss(provider => new FocalLoss(new WeightedTagLoss(provider.GetRequiredKeyedService<MiniMindTokenizer>("arithmetic"))));
        #endregion
    }

    #region show-components
    private sealed class ShowComponents : ITrainingCallback
    {
        public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
        {
            var progress = arguments.Progress;
            if (progress.LossComponents is { } components)
                Console.WriteLine($"step {progress.Step}: loss {progress.Loss:F3}, cross-entropy {components["cross_entropy"]:F3}");
            return default;
        }
    }
    #endregion
}
