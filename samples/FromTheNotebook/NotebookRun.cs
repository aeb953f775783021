using System.Globalization;
using MiniMind.Training;

namespace MiniMind.Samples.FromTheNotebook;

/// <summary>What MiniMind's notebook on reasoning distillation does, and prints.</summary>
/// <param name="Parameters">The student's parameters in millions.</param>
/// <param name="LearningRate">The rate of the first step.</param>
/// <param name="Loss">The loss of the first step.</param>
internal sealed record NotebookRun(double Parameters, double LearningRate, double Loss)
{
    private const int MaxLength = 512;

    /// <summary>Trains one epoch with the notebook's settings.</summary>
    /// <param name="dataPath">A file of conversations; the notebook's has two.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="output">Gets what the notebook prints.</param>
    /// <returns>The figures of the first step.</returns>
    public static async Task<NotebookRun> RunAsync(string dataPath, MiniMindTokenizer tokenizer, TextWriter output)
    {
        #region notebook-model
        var config = new LMConfig { Dim = 512, NLayers = 2, MaxSeqLen = MaxLength, VocabSize = tokenizer.VocabSize };
        using var model = new MiniMindLM(config, seed: 1337);
        var parameters = model.ParameterCount / 1e6;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{parameters:F3} million parameters, a vocabulary of {tokenizer.VocabSize} tokens"));
        #endregion

        #region notebook-data
        using var dataset = SftDataset.Open(dataPath, tokenizer, new SftDatasetOptions { MaxLength = MaxLength });
        #endregion

        #region notebook-loss
        var loss = new WeightedTagLoss(tokenizer);
        #endregion

        #region notebook-schedule
        var schedule = new CosineSchedule(5e-4);
        #endregion

        #region notebook-options
        var options = new ReasonDistillOptions
        {
            Epochs = 1,
            Sampling = { BatchSize = 2, Order = SampleOrder.Sequential },
            AccumulationSteps = 1,
            GradientClip = 1.0,
            LogInterval = 1,
        };
        #endregion

        #region notebook-train
        var first = new FirstStep();
        await using var trainer = new ReasonDistillTrainer(
            model, dataset, loss, schedule, options, [first, new ConsoleProgress(ProgressFormat.Reference, output: output)]);
        await trainer.RunEpochAsync();
        #endregion

        return new NotebookRun(parameters, first.Progress!.LearningRate, first.Progress.Loss!.Value);
    }

    /// <summary>Keeps the first step.</summary>
    private sealed class FirstStep : ITrainingCallback
    {
        public TrainingProgress? Progress { get; private set; }

        public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
        {
            Progress ??= arguments.Progress;
            return default;
        }
    }
}
