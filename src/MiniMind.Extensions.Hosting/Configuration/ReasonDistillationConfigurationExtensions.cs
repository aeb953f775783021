using Microsoft.Extensions.Configuration;
using MiniMind;
using MiniMind.Extensions.Hosting;
using MiniMind.Training;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers reasoning distillation from a configuration.</summary>
public static class ReasonDistillationConfigurationExtensions
{
    /// <summary>Registers a training as a section of the configuration describes it.</summary>
    /// <remarks>The section's parts are <c>Training</c> (<see cref="ReasonDistillOptions"/>), <c>Schedule</c> (<see cref="LearningRateScheduleOptions"/>), <c>Loss</c>
    /// (<see cref="WeightedTagLossOptions"/>), <c>Model</c> (<see cref="StudentOptions"/>), <c>Data</c> (<see cref="TrainingDataOptions"/>), <c>Checkpoints</c>
    /// (<see cref="CheckpointWriterOptions"/>, written only where the part is there) and <c>Worker</c> (<see cref="TrainingWorkerOptions"/>). All of them are checked when the host
    /// starts; a key that no option has is refused. What is registered for the training besides, such as <see cref="ReasonDistillationBuilder.UseModel"/>, takes the place of
    /// what the section says.</remarks>
    /// <param name="services">The services.</param>
    /// <param name="name">The training's name.</param>
    /// <param name="configuration">The section.</param>
    /// <returns>Says what else the training is made of.</returns>
    /// <exception cref="InvalidOperationException">The section is empty, or has a part that nothing reads.</exception>
    /// <example>
    /// <!-- snippet: example-configuration -->
    /// <code>
    /// builder.Services.AddReasonDistillation("arithmetic", builder.Configuration.GetSection("Trainings:Arithmetic")).RunInBackground();
    /// </code>
    /// </example>
    public static ReasonDistillationBuilder AddReasonDistillation(this IServiceCollection services, string name, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        TrainingSection.Require(configuration);
        var builder = services.AddReasonDistillation(name);
        services.Configure<ReasonDistillOptions>(name, configuration.GetSection(TrainingSection.Training), RefuseUnknown);
        services.Configure<LearningRateScheduleOptions>(name, configuration.GetSection(TrainingSection.Schedule), RefuseUnknown);
        services.Configure<WeightedTagLossOptions>(name, configuration.GetSection(TrainingSection.Loss), RefuseUnknown);
        services.Configure<TrainingWorkerOptions>(name, configuration.GetSection(TrainingSection.Worker), RefuseUnknown);
        if (configuration.GetSection(TrainingSection.Model).Exists())
        {
            services.AddValidatedOptions<StudentOptions>(name, o => o.Validate());
            services.Configure<StudentOptions>(name, configuration.GetSection(TrainingSection.Model), RefuseUnknown);
            var architecture = configuration.GetSection(TrainingSection.Model).GetSection(nameof(StudentOptions.Config));
            services.Configure<StudentOptions>(name, o => o.Config = ArchitectureSection.Read(architecture));
            builder.UseModel(provider => ConfiguredParts.Model(provider, name));
        }

        if (configuration.GetSection(TrainingSection.Data).Exists())
        {
            services.AddOptions<StudentOptions>(name);
            services.AddValidatedOptions<TrainingDataOptions>(name, o => o.Validate());
            services.Configure<TrainingDataOptions>(name, configuration.GetSection(TrainingSection.Data), RefuseUnknown);
            builder.UseTokenizer(provider => ConfiguredParts.Tokenizer(provider, name)).UseDataset(provider => ConfiguredParts.Dataset(provider, name));
        }

        if (configuration.GetSection(TrainingSection.Checkpoints).Exists())
        {
            builder.AddCheckpoints();
            services.Configure<CheckpointWriterOptions>(name, configuration.GetSection(TrainingSection.Checkpoints), RefuseUnknown);
        }

        return builder;
    }

    private static void RefuseUnknown(BinderOptions options) => options.ErrorOnUnknownConfiguration = true;
}
