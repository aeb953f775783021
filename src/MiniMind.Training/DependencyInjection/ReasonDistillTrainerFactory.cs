using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>Makes trainers of what is registered under a name.</summary>
internal sealed class ReasonDistillTrainerFactory(IServiceProvider services, IEnumerable<ReasonDistillTrainerFactory.Training> trainings) : IReasonDistillTrainerFactory
{
    /// <summary>A training that has been registered.</summary>
    internal sealed record Training(string Name);

    public ReasonDistillTrainer Create(string name = "")
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!trainings.Any(t => t.Name == name))
            throw new ArgumentException(
                $"no training is called '{name}'; there are {string.Join(", ", trainings.Select(t => $"'{t.Name}'").Distinct())}", nameof(name));

        var failures = new List<string>();
        var options = Checked<ReasonDistillOptions>(name, failures);
        var lossOptions = Checked<WeightedTagLossOptions>(name, failures);
        var scheduleOptions = Checked<LearningRateScheduleOptions>(name, failures);
        var parts = Checked<TrainerParts>(name, failures);
        var checkpoints = parts?.WritesCheckpoints == true ? Checked<CheckpointWriterOptions>(name, failures) : null;
        if (failures.Count > 0)
            throw new OptionsValidationException(name, typeof(ReasonDistillOptions), failures);
        return new ReasonDistillTrainer(
            Required<MiniMindLM>(name),
            services.GetKeyedService<IReadOnlyList<SftExample>>(name) ?? services.GetKeyedService<SftDataset>(name)
                ?? services.GetService<IReadOnlyList<SftExample>>() ?? services.GetRequiredService<SftDataset>(),
            TrainerParts.Find<ISequenceLoss>(services, name) ?? new WeightedTagLoss(Required<MiniMindTokenizer>(name), lossOptions),
            TrainerParts.Find<ILearningRateSchedule>(services, name) ?? scheduleOptions!.CreateSchedule(),
            options,
            Callbacks(name, parts!, checkpoints),
            services.GetService<ILogger<ReasonDistillTrainer>>(),
            TrainerParts.Find<ICollective>(services, name));
    }

    private List<ITrainingCallback> Callbacks(string name, TrainerParts parts, CheckpointWriterOptions? checkpoints) =>
    [
        .. checkpoints is null ? (ITrainingCallback[])[] : [new CheckpointWriter(checkpoints)],
        .. parts.Callbacks.Select(create => create(services)),
        .. services.GetKeyedServices<ITrainingCallback>(name),
        .. name.Length == 0 ? services.GetServices<ITrainingCallback>() : [],
    ];

    private T Required<T>(string name)
        where T : class => TrainerParts.Find<T>(services, name) ?? services.GetRequiredService<T>();

    /// <summary>Settings, or none whose faults are added to the list.</summary>
    private T? Checked<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(string name, List<string> failures)
        where T : class
    {
        try
        {
            return services.GetRequiredService<IOptionsMonitor<T>>().Get(name);
        }
        catch (OptionsValidationException e)
        {
            failures.AddRange(e.Failures);
            return null;
        }
    }
}
