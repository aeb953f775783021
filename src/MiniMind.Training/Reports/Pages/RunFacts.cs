using System.Runtime.InteropServices;
using TorchSharp;

namespace MiniMind.Training;

/// <summary>What is known of a run when it starts.</summary>
internal sealed record RunFacts
{
    public required string RunId { get; init; }

    public required long StartStep { get; init; }

    public required long TotalSteps { get; init; }

    public required double GradientClip { get; init; }

    public required double MeanDecay { get; init; }

    public required bool HasTagWeights { get; init; }

    public required IReadOnlyList<(string Name, string Value)> Model { get; init; }

    public required IReadOnlyList<(string Name, string Value)> Training { get; init; }

    public required IReadOnlyList<(string Name, string Value)> Machine { get; init; }

    public static RunFacts Of(TrainingStartedArguments arguments, ISequenceLoss? loss, ILearningRateSchedule? schedule, double meanDecay)
    {
        var (control, options) = (arguments.Control, arguments.Options);
        return new RunFacts
        {
            RunId = control.RunId,
            StartStep = arguments.StartStep,
            TotalSteps = arguments.TotalSteps,
            // What a callback had set before the run was resumed holds, whatever the options say.
            GradientClip = control.GradientClip,
            MeanDecay = meanDecay,
            HasTagWeights = loss is WeightedTagLoss,
            Model = [.. OfModel(control.Model)],
            Training = [.. OfTraining(arguments, loss, schedule)],
            Machine =
            [
                ("Device", control.Model.Device.ToString()),
                ("Ranks (processes)", Figures.Count(control.WorldSize)),
                ("Threads of libtorch", Figures.Count(torch.get_num_threads())),
                ("Processors", Figures.Count(Environment.ProcessorCount)),
                ("System", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}"),
                ("Runtime", RuntimeInformation.FrameworkDescription),
                ("MiniMind for .NET", typeof(RunFacts).Assembly.GetName().Version?.ToString(3) ?? "unknown"),
            ],
        };
    }

    private static IEnumerable<(string Name, string Value)> OfModel(MiniMindLM model)
    {
        var config = model.Config;
        yield return ("Parameters", Figures.Count(model.ParameterCount));
        yield return ("Width (dim)", Figures.Count(config.Dim));
        yield return ("Blocks (n_layers)", Figures.Count(config.NLayers));
        yield return ("Query heads, key/value heads", $"{Figures.Count(config.NHeads)}, {Figures.Count(config.NKVHeads ?? config.NHeads)}");
        yield return ("Feed-forward width", Figures.Count(config.ResolvedHiddenDim));
        yield return ("Vocabulary", Figures.Count(config.VocabSize));
        yield return ("Longest sequence", Figures.Count(config.MaxSeqLen));
        yield return (
            "Mixture of experts",
            config.UseMoe ? $"{Figures.Count(config.NumExpertsPerTok)} of {Figures.Count(config.NRoutedExperts)} experts a token" : "no");
        yield return ("Queries and keys normalised", config.QKNorm ? "yes" : "no");
        yield return ("Dropout", Figures.Number(config.Dropout));
    }

    private static IEnumerable<(string Name, string Value)> OfTraining(
        TrainingStartedArguments arguments, ISequenceLoss? loss, ILearningRateSchedule? schedule)
    {
        var options = arguments.Options;
        yield return ("Steps of the run", Figures.Count(arguments.TotalSteps));
        yield return ("Epochs", Figures.Count(options.Epochs));
        yield return ("Batch size of a rank", Figures.Count(options.Sampling.BatchSize));
        yield return ("Accumulation steps", Figures.Count(arguments.Control.AccumulationSteps));
        yield return ("Order of the examples", options.Sampling.Order.ToString());
        yield return ("Rows packed", options.Loading.PackSequences ? "yes" : "no");
        yield return ("Loss", loss is not null ? loss.Description ?? loss.GetType().Name : "not told to the report (RunReportOptions.Loss)");
        yield return ("Loss normalization", options.Normalization.ToString());
        yield return ("Learning-rate schedule", schedule is not null ? schedule.GetType().Name : "not told to the report (RunReportOptions.Schedule)");
        foreach (var row in OfSchedule(schedule, arguments.TotalSteps))
            yield return row;
        var adamW = options.Optimizer;
        yield return ("AdamW: β₁, β₂, ε", $"{Figures.Number(adamW.Beta1)}, {Figures.Number(adamW.Beta2)}, {Figures.Number(adamW.Epsilon)}");
        yield return ("Weight decay", Figures.Number(adamW.WeightDecay));
        var clip = arguments.Control.GradientClip;
        yield return ("Gradient clip", clip > 0 ? Figures.Number(clip) : "off");
        yield return ("Precision", options.Precision.ToString());
        yield return ("Seed, seed of the order", FormattableString.Invariant($"{options.Seed}, {options.Sampling.Seed}"));
        yield return (
            "Evaluations",
            options.EvaluationInterval > 0 ? $"every {Figures.Count(options.EvaluationInterval)} steps and after each epoch" : "after each epoch");
    }

    private static IEnumerable<(string Name, string Value)> OfSchedule(ILearningRateSchedule? schedule, long totalSteps)
    {
        if (schedule is null || totalSteps < 1)
            yield break;
        var rates = ScheduleSample.Take(schedule, totalSteps).Rates.OfType<double>().ToList();
        if (rates.Count == 0)
            yield break;
        yield return ("Planned rate: first, highest, last", $"{Figures.Number(rates[0])}, {Figures.Number(rates.Max())}, {Figures.Number(rates[^1])}");
    }
}
