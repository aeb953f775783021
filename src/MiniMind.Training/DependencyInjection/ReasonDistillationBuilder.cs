using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace MiniMind.Training;

/// <summary>Says what a registered training is made of (<see cref="ReasonDistillationServiceCollectionExtensions"/>). Every method returns the builder.</summary>
/// <remarks>What a builder registers belongs to the training's name: it is a keyed service, or options of that name. A part that the training itself does not have is taken
/// from the services without a key, so that trainings can share a tokenizer.</remarks>
public sealed class ReasonDistillationBuilder
{
    internal ReasonDistillationBuilder(IServiceCollection services, string name)
    {
        (Services, Name) = (services, name);
    }

    /// <summary>The services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The training's name; empty for the one without a name.</summary>
    public string Name { get; }

    /// <summary>Changes the run's settings.</summary>
    /// <param name="configure">Changes them.</param>
    /// <returns>The builder.</returns>
    public ReasonDistillationBuilder Configure(Action<ReasonDistillOptions> configure) => Set(configure);

    /// <summary>Changes the learning-rate schedule, which is the reference's cosine otherwise.</summary>
    /// <param name="configure">Changes its numbers.</param>
    /// <returns>The builder.</returns>
    public ReasonDistillationBuilder ConfigureSchedule(Action<LearningRateScheduleOptions> configure) => Set(configure);

    /// <summary>Changes the settings of <see cref="WeightedTagLoss"/>, which is the loss where no other is given.</summary>
    /// <param name="configure">Changes them.</param>
    /// <returns>The builder.</returns>
    public ReasonDistillationBuilder ConfigureLoss(Action<WeightedTagLossOptions> configure) => Set(configure);

    /// <summary>Gives the student. It is made when it is first needed and lives as long as the container.</summary>
    /// <param name="create">Makes it.</param>
    /// <returns>The builder.</returns>
    public ReasonDistillationBuilder UseModel(Func<IServiceProvider, MiniMindLM> create) => Use(create);

    /// <summary>Gives the tokenizer, of which the loss is made where no loss is given.</summary>
    /// <param name="create">Makes it; once.</param>
    /// <returns>The builder.</returns>
    public ReasonDistillationBuilder UseTokenizer(Func<IServiceProvider, MiniMindTokenizer> create) => Use(create);

    /// <summary>Gives the examples. They are read when they are first needed and live as long as the container.</summary>
    /// <param name="create">Reads them.</param>
    /// <returns>The builder.</returns>
    public ReasonDistillationBuilder UseDataset(Func<IServiceProvider, SftDataset> create) => Use(create);

    /// <summary>Gives the examples as any list.</summary>
    /// <param name="create">Makes it; once.</param>
    /// <returns>The builder.</returns>
    public ReasonDistillationBuilder UseExamples(Func<IServiceProvider, IReadOnlyList<SftExample>> create) => Use(create);

    /// <summary>Gives another loss than <see cref="WeightedTagLoss"/>.</summary>
    /// <param name="create">Makes it; once.</param>
    /// <returns>The builder.</returns>
    public ReasonDistillationBuilder UseLoss(Func<IServiceProvider, ISequenceLoss> create) => Use(create);

    /// <summary>Gives a schedule of the application's own.</summary>
    /// <param name="create">Makes it; once.</param>
    /// <returns>The builder.</returns>
    public ReasonDistillationBuilder UseSchedule(Func<IServiceProvider, ILearningRateSchedule> create) => Use(create);

    /// <summary>Adds a callback, which is made anew for each trainer; its constructor's parameters come from the services.</summary>
    /// <typeparam name="T">The callback.</typeparam>
    /// <returns>The builder.</returns>
    public ReasonDistillationBuilder AddCallback<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, ITrainingCallback => AddCallback(static services => ActivatorUtilities.CreateInstance<T>(services));

    /// <summary>Adds a callback, which is made anew for each trainer.</summary>
    /// <param name="create">Makes it.</param>
    /// <returns>The builder.</returns>
    public ReasonDistillationBuilder AddCallback(Func<IServiceProvider, ITrainingCallback> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Services.Configure<TrainerParts>(Name, parts => parts.Callbacks.Add(create));
        return this;
    }

    /// <summary>Writes checkpoints (<see cref="CheckpointWriter"/>).</summary>
    /// <param name="configure">Changes the settings; a folder is needed.</param>
    /// <returns>The builder.</returns>
    public ReasonDistillationBuilder AddCheckpoints(Action<CheckpointWriterOptions>? configure = null)
    {
        Services.AddValidatedOptions<CheckpointWriterOptions>(Name, o => o.Validate());
        if (configure is not null)
            Services.Configure(Name, configure);
        Services.Configure<TrainerParts>(Name, parts => parts.WritesCheckpoints = true);
        return this;
    }

    private ReasonDistillationBuilder Set<T>(Action<T> configure)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(Name, configure);
        return this;
    }

    private ReasonDistillationBuilder Use<T>(Func<IServiceProvider, T> create)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(create);
        Services.AddKeyedSingleton(Name, (services, _) => create(services));
        return this;
    }
}
