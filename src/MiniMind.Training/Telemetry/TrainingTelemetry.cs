using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MiniMind.Training;

/// <summary>What a run tells OpenTelemetry, or whoever else listens: metrics and activities under <see cref="Name"/>. Names and units
/// follow OpenTelemetry's conventions; docs/telemetry.md lists them. Where nobody listens, nothing is computed.</summary>
internal sealed class TrainingTelemetry(Func<string> runId, int rank, int worldSize)
{
    public const string Name = "MiniMind.Training";

    private static readonly ActivitySource Source = new(Name, Version);
    private static readonly Meter Meter = new(Name, Version);

    private static readonly Counter<long> Steps = Meter.CreateCounter<long>("minimind.training.steps", "{step}", "Steps (micro-batches) done.");
    private static readonly Counter<long> OptimizerSteps = Meter.CreateCounter<long>("minimind.training.optimizer_steps", "{step}", "Optimizer steps done.");
    private static readonly Counter<long> SkippedSteps = Meter.CreateCounter<long>(
        "minimind.training.skipped_steps", "{step}", "Optimizer steps skipped, because their loss or gradients were not finite.");
    private static readonly Counter<long> Tokens = Meter.CreateCounter<long>("minimind.training.tokens", "{token}", "Tokens trained on, padding left out.");
    private static readonly Counter<long> SupervisedTokens = Meter.CreateCounter<long>("minimind.training.supervised_tokens", "{token}", "Tokens of which the loss is taken.");
    private static readonly Histogram<double> StepDuration = Meter.CreateHistogram<double>("minimind.training.step.duration", "s", "Time of a step, callbacks left out.");
    private static readonly Gauge<double> Loss = Meter.CreateGauge<double>("minimind.training.loss", "1", "Loss of a reported step, tag weights included.");
    private static readonly Gauge<double> GradientNorm = Meter.CreateGauge<double>("minimind.training.gradient_norm", "1", "Gradient norm before clipping.");
    private static readonly Gauge<double> LearningRate = Meter.CreateGauge<double>("minimind.training.learning_rate", "1", "Learning rate of a step.");
    private static readonly Gauge<double> Metric = Meter.CreateGauge<double>("minimind.training.metric", "1", "A value that a callback has reported, such as an accuracy.");
    private static readonly Gauge<int> QueueDepth = Meter.CreateGauge<int>("minimind.training.queue.depth", "{batch}", "Batches that are made and wait for their step.");
    private static readonly Histogram<double> CheckpointDuration = Meter.CreateHistogram<double>("minimind.training.checkpoint.duration", "s", "Time of writing a checkpoint.");
    private static readonly Histogram<long> CheckpointSize = Meter.CreateHistogram<long>("minimind.training.checkpoint.size", "By", "Bytes of a checkpoint.");

    private static string? Version => typeof(TrainingTelemetry).Assembly.GetName().Version?.ToString(3);

    /// <summary>Begins an activity: <c>epoch</c>, <c>evaluate</c>, <c>checkpoint</c>.</summary>
    /// <returns>None where nobody listens.</returns>
    public Activity? Begin(string name)
    {
        var activity = Source.StartActivity(name);
        if (activity is not null)
            foreach (var (key, value) in Tags)
                activity.SetTag(key, value);
        return activity;
    }

    /// <summary>Marks an activity as failed.</summary>
    public static void Fail(Activity? activity, Exception exception)
    {
        activity?.SetTag("error.type", exception.GetType().FullName);
        activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
    }

    public void StepDone(TrainingProgress progress, long tokens, long supervisedTokens, TimeSpan elapsed)
    {
        var tags = Tags;
        Steps.Add(1, tags);
        Tokens.Add(tokens, tags);
        SupervisedTokens.Add(supervisedTokens, tags);
        StepDuration.Record(elapsed.TotalSeconds, tags);
        LearningRate.Record(progress.LearningRate, tags);
        if (progress.OptimizerStepped)
            OptimizerSteps.Add(1, tags);
        if (progress.Loss is { } loss)
            Loss.Record(loss, tags);
        if (progress.GradientNorm is { } norm)
            GradientNorm.Record(norm, tags);
    }

    public void StepsSkipped(long count) => SkippedSteps.Add(count, Tags);

    public void QueueHas(int batches) => QueueDepth.Record(batches, Tags);

    public void Reported(IReadOnlyDictionary<string, double> metrics)
    {
        foreach (var (name, value) in metrics)
        {
            var tags = Tags;
            tags.Add("minimind.metric.name", name);
            Metric.Record(value, tags);
        }
    }

    public void CheckpointWritten(TimeSpan elapsed, long bytes)
    {
        CheckpointDuration.Record(elapsed.TotalSeconds, Tags);
        CheckpointSize.Record(bytes, Tags);
    }

    private TagList Tags => worldSize == 1
        ? new TagList { { "minimind.run.id", runId() } }
        : new TagList { { "minimind.run.id", runId() }, { "minimind.rank", rank } };
}
