using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>What the builder of a training has gathered besides options and services.</summary>
internal sealed class TrainerParts
{
    /// <summary>What makes the callbacks of each trainer, in order.</summary>
    public List<Func<IServiceProvider, ITrainingCallback>> Callbacks { get; } = [];

    /// <summary>Whether a <see cref="CheckpointWriter"/> is among the callbacks, before the others.</summary>
    public bool WritesCheckpoints { get; set; }

    /// <summary>A part of a training: its own, or that of all.</summary>
    public static T? Find<T>(IServiceProvider services, string name)
        where T : class => services.GetKeyedService<T>(name) ?? services.GetService<T>();

    /// <summary>Tells what no trainer can be made without; nothing is made for that.</summary>
    internal sealed class Validator(IServiceProvider services) : IValidateOptions<TrainerParts>
    {
        public ValidateOptionsResult Validate(string? name, TrainerParts options)
        {
            var which = string.IsNullOrEmpty(name) ? "the training" : $"the training '{name}'";
            var faults = new List<string>();
            if (!Has<MiniMindLM>(name))
                faults.Add($"{which} has no model; call UseModel, or register a MiniMindLM.");
            if (!Has<SftDataset>(name) && !Has<IReadOnlyList<SftExample>>(name))
                faults.Add($"{which} has no examples; call UseDataset or UseExamples, or register an SftDataset.");
            if (!Has<ISequenceLoss>(name) && !Has<MiniMindTokenizer>(name))
                faults.Add($"{which} has neither a loss nor a tokenizer to make one of; call UseTokenizer or UseLoss, or register one of them.");
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }

        private bool Has<T>(string? name)
        {
            // A container that cannot tell is asked when the trainer is made.
            return services.GetService<IServiceProviderIsKeyedService>() is not { } known || known.IsService(typeof(T)) || known.IsKeyedService(typeof(T), name ?? string.Empty);
        }
    }
}
