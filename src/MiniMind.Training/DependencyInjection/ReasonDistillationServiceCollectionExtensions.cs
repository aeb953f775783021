using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MiniMind;
using MiniMind.Training;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers reasoning distillation.</summary>
public static class ReasonDistillationServiceCollectionExtensions
{
    /// <summary>Registers <see cref="ReasonDistillOptions"/> (validated) and a transient <see cref="ReasonDistillTrainer"/>, built from the
    /// registered <see cref="MiniMindLM"/>, dataset (<see cref="SftDataset"/> or <c>IReadOnlyList&lt;SftExample&gt;</c>),
    /// <see cref="ISequenceLoss"/>, <see cref="ILearningRateSchedule"/> and every <see cref="ITrainingCallback"/>. The loss may be left out if a
    /// <see cref="MiniMindTokenizer"/> is registered: it is then <see cref="WeightedTagLoss"/> with <see cref="WeightedTagLossOptions"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the settings; more can be bound through <c>IOptions</c>.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddReasonDistillation(this IServiceCollection services, Action<ReasonDistillOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<ReasonDistillOptions>();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ReasonDistillOptions>, ReasonDistillOptionsValidator>());
        services.AddOptions<WeightedTagLossOptions>();
        services.TryAddSingleton<ISequenceLoss>(provider => new WeightedTagLoss(
            provider.GetRequiredService<MiniMindTokenizer>(),
            provider.GetRequiredService<IOptions<WeightedTagLossOptions>>().Value));
        services.TryAddTransient(provider => new ReasonDistillTrainer(
            provider.GetRequiredService<MiniMindLM>(),
            provider.GetService<IReadOnlyList<SftExample>>() ?? provider.GetRequiredService<SftDataset>(),
            provider.GetRequiredService<ISequenceLoss>(),
            provider.GetRequiredService<ILearningRateSchedule>(),
            provider.GetRequiredService<IOptions<ReasonDistillOptions>>().Value,
            provider.GetServices<ITrainingCallback>(),
            provider.GetService<ILogger<ReasonDistillTrainer>>()));
        return services;
    }

    private sealed class ReasonDistillOptionsValidator : IValidateOptions<ReasonDistillOptions>
    {
        public ValidateOptionsResult Validate(string? name, ReasonDistillOptions options)
        {
            try
            {
                options.Validate();
                return ValidateOptionsResult.Success;
            }
            catch (OptionsValidationException e)
            {
                return ValidateOptionsResult.Fail(e.Failures);
            }
        }
    }
}
