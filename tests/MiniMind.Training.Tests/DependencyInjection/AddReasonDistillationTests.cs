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
    public async Task Wrong_options_fail_when_they_are_asked_for()
    {
        await using var provider = new ServiceCollection().AddReasonDistillation(o => o.Epochs = -1).BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<ReasonDistillOptions>>().Value);

        Assert.Contains("Epochs is -1; expected 1 or more", exception.Message, StringComparison.Ordinal);
    }
}
