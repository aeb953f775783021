using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MiniMind;
using MiniMind.Training;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers reasoning distillation.</summary>
public static class ReasonDistillationServiceCollectionExtensions
{
    /// <summary>Registers <see cref="ReasonDistillOptions"/> and <see cref="WeightedTagLossOptions"/> (both validated when the host starts, or without
    /// a host when a trainer is built, with all faults in one exception) and a transient <see cref="ReasonDistillTrainer"/>, built from the
    /// registered <see cref="MiniMindLM"/>, dataset (<see cref="SftDataset"/> or <c>IReadOnlyList&lt;SftExample&gt;</c>),
    /// <see cref="ISequenceLoss"/>, <see cref="ILearningRateSchedule"/>, every <see cref="ITrainingCallback"/> and, if there is one, the <see cref="ICollective"/>. The loss may be left out if a
    /// <see cref="MiniMindTokenizer"/> is registered: it is then <see cref="WeightedTagLoss"/> with <see cref="WeightedTagLossOptions"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the settings; more can be bound through <c>IOptions</c>.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddReasonDistillation(this IServiceCollection services, Action<ReasonDistillOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<ReasonDistillOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ReasonDistillOptions>>(new Validator<ReasonDistillOptions>(o => o.Validate())));
        services.AddOptions<WeightedTagLossOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WeightedTagLossOptions>>(new Validator<WeightedTagLossOptions>(o => o.Validate())));
        services.TryAddSingleton<ISequenceLoss>(provider => new WeightedTagLoss(
            provider.GetRequiredService<MiniMindTokenizer>(),
            provider.GetRequiredService<IOptions<WeightedTagLossOptions>>().Value));
        services.TryAddTransient(CreateTrainer);
        return services;
    }

    private static ReasonDistillTrainer CreateTrainer(IServiceProvider provider)
    {
        var failures = new List<string>();
        var options = Checked<ReasonDistillOptions>(provider, failures);
        Checked<WeightedTagLossOptions>(provider, failures);
        if (failures.Count > 0)
            throw new OptionsValidationException(Options.Options.DefaultName, typeof(ReasonDistillOptions), failures);
        return new ReasonDistillTrainer(
            provider.GetRequiredService<MiniMindLM>(),
            provider.GetService<IReadOnlyList<SftExample>>() ?? provider.GetRequiredService<SftDataset>(),
            provider.GetRequiredService<ISequenceLoss>(),
            provider.GetRequiredService<ILearningRateSchedule>(),
            options,
            provider.GetServices<ITrainingCallback>(),
            provider.GetService<ILogger<ReasonDistillTrainer>>(),
            provider.GetService<ICollective>());
    }

    /// <summary>Settings, or none whose faults are added to the list.</summary>
    private static T? Checked<T>(IServiceProvider provider, List<string> failures)
        where T : class
    {
        try
        {
            return provider.GetRequiredService<IOptions<T>>().Value;
        }
        catch (OptionsValidationException e)
        {
            failures.AddRange(e.Failures);
            return null;
        }
    }

    private sealed class Validator<T>(Action<T> validate) : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            try
            {
                validate(options);
                return ValidateOptionsResult.Success;
            }
            catch (OptionsValidationException e)
            {
                return ValidateOptionsResult.Fail(e.Failures);
            }
        }
    }
}
