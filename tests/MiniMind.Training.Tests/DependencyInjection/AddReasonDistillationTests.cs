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
            .BuildServiceProvider();

        await using var trainer = provider.GetRequiredService<ReasonDistillTrainer>();
        await trainer.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, recorder.Steps.Count);
    }

    [Fact]
    public async Task Configured_tags_take_the_place_of_the_default_ones()
    {
        await using var provider = new ServiceCollection()
            .AddReasonDistillation()
            .Configure<WeightedTagLossOptions>(Settings(("Tags:0", "<a>"), ("Tags:1", "</a>"), ("TagWeight", "3")))
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
            .Configure<WeightedTagLossOptions>(o => o.TagWeight = 0)
            .BuildServiceProvider();

        var atStart = Assert.Throws<AggregateException>(provider.GetRequiredService<IStartupValidator>().Validate);
        var withoutHost = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<ReasonDistillTrainer>);

        foreach (var message in (string[])[atStart.Message, withoutHost.Message])
        {
            Assert.Contains("ReasonDistillOptions.Epochs is -1; expected 1 or more", message, StringComparison.Ordinal);
            Assert.Contains("WeightedTagLossOptions.TagWeight is 0; expected a positive number", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Wrong_options_fail_when_they_are_asked_for()
    {
        await using var provider = new ServiceCollection().AddReasonDistillation(o => o.Epochs = -1).BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<ReasonDistillOptions>>().Value);

        Assert.Contains("Epochs is -1; expected 1 or more", exception.Message, StringComparison.Ordinal);
    }

    private static IConfiguration Settings(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();
}
