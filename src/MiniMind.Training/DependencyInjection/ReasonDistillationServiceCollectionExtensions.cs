using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using MiniMind.Training;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers reasoning distillation.</summary>
public static class ReasonDistillationServiceCollectionExtensions
{
    /// <summary>Registers the training that has no name; <see cref="IReasonDistillTrainerFactory.Create"/> makes its trainers.</summary>
    /// <param name="services">The services.</param>
    /// <returns>Says what else the training is made of.</returns>
    public static ReasonDistillationBuilder AddReasonDistillation(this IServiceCollection services) => services.AddReasonDistillation(Options.Options.DefaultName);

    /// <summary>Registers the training that has no name; <see cref="IReasonDistillTrainerFactory.Create"/> makes its trainers.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the run's settings.</param>
    /// <returns>Says what else the training is made of.</returns>
    public static ReasonDistillationBuilder AddReasonDistillation(this IServiceCollection services, Action<ReasonDistillOptions> configure) =>
        services.AddReasonDistillation().Configure(configure);

    /// <summary>Registers a training under a name.</summary>
    /// <remarks>Its settings (<see cref="ReasonDistillOptions"/>, <see cref="LearningRateScheduleOptions"/>, <see cref="WeightedTagLossOptions"/>, all of the training's name) and
    /// whether it has a model, examples and a loss are checked when the host starts, or without a host when a trainer is made, with all faults in one exception.</remarks>
    /// <param name="services">The services.</param>
    /// <param name="name">The training's name.</param>
    /// <returns>Says what else the training is made of.</returns>
    public static ReasonDistillationBuilder AddReasonDistillation(this IServiceCollection services, string name)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        services.AddValidatedOptions<ReasonDistillOptions>(name, o => o.Validate());
        services.AddValidatedOptions<LearningRateScheduleOptions>(name, o => o.Validate());
        services.AddValidatedOptions<WeightedTagLossOptions>(name, o => o.Validate());
        services.AddOptions<TrainerParts>(name).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TrainerParts>, TrainerParts.Validator>());
        services.AddSingleton(new ReasonDistillTrainerFactory.Training(name));
        services.TryAddSingleton<IReasonDistillTrainerFactory, ReasonDistillTrainerFactory>();
        return new ReasonDistillationBuilder(services, name);
    }
}
