using MiniMind.Training;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>What is minimised, and how fast.</summary>
internal sealed record TrainingPlan(WeightedTagLoss Loss, CosineSchedule Schedule)
{
    public static TrainingPlan Of(RunSettings settings, TrainingData data) =>
        new(new WeightedTagLoss(data.Tokenizer, settings.Loss), new CosineSchedule(settings.LearningRate));
}
