using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MiniMind.Training.Tests;

public class AddReasonDistillationTests
{
    [Fact]
    public async Task A_trainer_is_built_from_the_registered_parts()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var recorder = new ProgressRecorder();
        await using var provider = new ServiceCollection()
            .AddSingleton(model)
            .AddSingleton<IReadOnlyList<SftExample>>(TinyRun.Examples(4))
            .AddSingleton<ISequenceLoss>(TinyRun.Loss)
            .AddSingleton<ILearningRateSchedule>(new CosineSchedule(1e-3))
            .AddSingleton<ITrainingCallback>(recorder)
            .AddReasonDistillation(o =>
            {
                o.Device = "cpu";
                o.Sampling.BatchSize = 2;
            })
            .Services.BuildServiceProvider();

        await using var trainer = provider.GetRequiredService<IReasonDistillTrainerFactory>().Create();
        await trainer.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, recorder.Steps.Count);
    }

    [Fact]
    public async Task Configured_tags_take_the_place_of_the_default_ones()
    {
        await using var provider = new ServiceCollection()
            .AddReasonDistillation()
            .Services.Configure<WeightedTagLossOptions>(Settings(("Tags:0", "<a>"), ("Tags:1", "</a>"), ("TagWeight", "3")))
            .BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<WeightedTagLossOptions>>().Value;

        Assert.Equal(["<a>", "</a>"], options.Tags);
        Assert.Equal(["<a>", "</a>"], options.ResolvedTags);
        Assert.Equal(4, new WeightedTagLossOptions().ResolvedTags.Count());
    }

    [Fact]
    public void No_settings_that_a_configuration_can_reach_have_a_list_with_entries_by_default()
    {
        var types = new[] { typeof(ReasonDistillOptions).Assembly, typeof(MiniMindLM).Assembly }.SelectMany(a => a.GetExportedTypes())
            .Where(t => t.Name.EndsWith("Options", StringComparison.Ordinal) && t.GetConstructor(Type.EmptyTypes) is not null).ToList();

        Assert.True(types.Count > 10);
        foreach (var property in types.SelectMany(t => t.GetProperties()).Where(p => p.PropertyType != typeof(string)))
            Assert.True(
                property.GetValue(Activator.CreateInstance(property.DeclaringType!)) is not System.Collections.IEnumerable entries || !entries.Cast<object>().Any(),
                $"{property.DeclaringType!.Name}.{property.Name} has entries, to which binding appends");
    }

    [Fact]
    public async Task All_wrong_options_are_named_when_the_program_starts()
    {
        await using var provider = new ServiceCollection()
            .AddReasonDistillation(o => o.Epochs = -1)
            .ConfigureLoss(o => o.TagWeight = 0)
            .Services.BuildServiceProvider();

        var atStart = Assert.Throws<AggregateException>(provider.GetRequiredService<IStartupValidator>().Validate);
        var withoutHost = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IReasonDistillTrainerFactory>().Create());

        foreach (var message in (string[])[atStart.Message, withoutHost.Message])
        {
            Assert.Contains("ReasonDistillOptions.Epochs is -1; expected 1 or more", message, StringComparison.Ordinal);
            Assert.Contains("WeightedTagLossOptions.TagWeight is 0; expected a positive number", message, StringComparison.Ordinal);
            Assert.Contains("the training has no model; call UseModel, or register a MiniMindLM", message, StringComparison.Ordinal);
            Assert.Contains("the training has no examples", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Trainings_of_several_names_have_parts_and_settings_of_their_own()
    {
        using var shared = new MiniMindLM(TinyRun.Config, seed: 1);
        var (first, second) = (new ProgressRecorder(), new ProgressRecorder());
        var services = new ServiceCollection().AddSingleton<ISequenceLoss>(TinyRun.Loss);
        services.AddReasonDistillation("first").Configure(o => (o.Device, o.Sampling.BatchSize) = ("cpu", 2))
            .UseModel(_ => shared).UseExamples(_ => TinyRun.Examples(4)).AddCallback(_ => first)
            .ConfigureSchedule(o => (o.Kind, o.LearningRate) = (LearningRateScheduleKind.Constant, 0.25));
        services.AddReasonDistillation("second").Configure(o => o.Device = "cpu")
            .UseModel(_ => new MiniMindLM(TinyRun.Config, seed: 2)).UseExamples(_ => TinyRun.Examples(3)).AddCallback(_ => second);
        await using var provider = services.BuildServiceProvider();
        var factory = provider.GetRequiredService<IReasonDistillTrainerFactory>();

        using (var trainer = factory.Create("first"))
            await trainer.RunAsync(TestContext.Current.CancellationToken);
        await using (var trainer = factory.Create("second"))
            await trainer.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal([0.25, 0.25], first.Steps.Select(s => s.LearningRate));
        Assert.Single(second.Steps);
        Assert.Contains("no training is called 'third'; there are 'first', 'second'", Assert.Throws<ArgumentException>(() => factory.Create("third")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_container_keeps_no_trainer()
    {
        var services = new ServiceCollection().AddSingleton<ISequenceLoss>(TinyRun.Loss);
        services.AddReasonDistillation(o => o.Device = "cpu").UseModel(_ => new MiniMindLM(TinyRun.Config, seed: 1)).UseExamples(_ => TinyRun.Examples(4))
            .AddCallback<ProgressRecorder>();
        await using var provider = services.BuildServiceProvider();
        var factory = provider.GetRequiredService<IReasonDistillTrainerFactory>();

        var made = Make();
        for (var i = 0; i < 10 && made.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(made.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        WeakReference Make()
        {
            var trainer = factory.Create();
            trainer.Dispose();
            return new WeakReference(trainer);
        }
    }

    [Fact]
    public async Task Wrong_options_fail_when_they_are_asked_for()
    {
        await using var provider = new ServiceCollection().AddReasonDistillation(o => o.Epochs = -1).Services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<ReasonDistillOptions>>().Value);

        Assert.Contains("Epochs is -1; expected 1 or more", exception.Message, StringComparison.Ordinal);
    }

    private static IConfiguration Settings(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();
}
