using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MiniMind.Training.Tests;

public sealed class LearningRateScheduleOptionsTests
{
    [Fact]
    public void The_defaults_are_the_references_cosine()
    {
        var schedule = new LearningRateScheduleOptions().CreateSchedule();

        Assert.IsType<CosineSchedule>(schedule);
        Assert.All(Enumerable.Range(0, 11), step => Assert.Equal(new CosineSchedule(5e-4).GetLearningRate(step, 10), schedule.GetLearningRate(step, 10)));
    }

    [Theory]
    [InlineData(LearningRateScheduleKind.Cosine)]
    [InlineData(LearningRateScheduleKind.Constant)]
    [InlineData(LearningRateScheduleKind.Linear)]
    [InlineData(LearningRateScheduleKind.WarmupStableDecay)]
    public void Each_kind_makes_the_schedule_of_its_class_with_all_numbers(LearningRateScheduleKind kind)
    {
        var isCosine = kind == LearningRateScheduleKind.Cosine;
        double? floor = kind == LearningRateScheduleKind.Constant ? null : 2e-4;
        var schedule = new LearningRateScheduleOptions
        {
            Kind = kind,
            LearningRate = 2e-3,
            WarmupSteps = 3,
            Floor = floor,
            Peak = isCosine ? 3e-3 : null,
            DecayShare = 0.5,
        }.CreateSchedule();
        ILearningRateSchedule expected = kind switch
        {
            LearningRateScheduleKind.Constant => new ConstantSchedule(2e-3, 3),
            LearningRateScheduleKind.Linear => new LinearSchedule(2e-3, 3, 2e-4),
            LearningRateScheduleKind.WarmupStableDecay => new WarmupStableDecaySchedule(2e-3, 3, 0.5, 2e-4),
            _ => new CosineSchedule(2e-3, 3, 3e-3, 2e-4),
        };

        Assert.Equal(expected.GetType(), schedule.GetType());
        Assert.All(Enumerable.Range(0, 21), step => Assert.Equal(expected.GetLearningRate(step, 20), schedule.GetLearningRate(step, 20)));
    }

    [Fact]
    public void Every_fault_is_named_at_once()
    {
        var options = new LearningRateScheduleOptions
        {
            Kind = (LearningRateScheduleKind)9,
            LearningRate = 0,
            WarmupSteps = -1,
            Floor = -1,
            Peak = double.NaN,
            DecayShare = 0,
        };

        var failures = Assert.Throws<OptionsValidationException>(options.CreateSchedule).Failures.ToList();

        Assert.Equal(
            ["Kind", "LearningRate", "WarmupSteps", "Floor", "Peak", "DecayShare"],
            failures.Select(f => f.Split('.', ' ')[1]));
    }

    [Theory]
    [InlineData(LearningRateScheduleKind.Constant, 1e-4, null, "Floor")]
    [InlineData(LearningRateScheduleKind.Linear, null, 1e-2, "Peak")]
    [InlineData(LearningRateScheduleKind.Linear, 1.0, null, "Floor")]
    [InlineData(LearningRateScheduleKind.Cosine, 2e-3, 1e-3, "Floor")]
    [InlineData(LearningRateScheduleKind.Cosine, double.PositiveInfinity, null, "Floor")]
    [InlineData(LearningRateScheduleKind.WarmupStableDecay, double.NaN, null, "Floor")]
    public void What_does_not_go_with_a_kind_or_the_other_rates_is_refused(LearningRateScheduleKind kind, double? floor, double? peak, string field)
    {
        var options = new LearningRateScheduleOptions { Kind = kind, LearningRate = 5e-4, Floor = floor, Peak = peak };

        var failure = Assert.Single(Assert.Throws<OptionsValidationException>(options.CreateSchedule).Failures);
        Assert.StartsWith($"LearningRateScheduleOptions.{field} ", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_gives_the_trainings_schedule()
    {
        var recorder = new ProgressRecorder();
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Kind"] = "WarmupStableDecay",
            ["LearningRate"] = "0.002",
            ["WarmupSteps"] = "2",
            ["DecayShare"] = "0.5",
            ["Floor"] = "0.001",
        }).Build();
        var services = new ServiceCollection();
        services.AddReasonDistillation("wsd")
            .Configure(o => (o.Device, o.Sampling.BatchSize) = ("cpu", 2))
            .UseModel(_ => model).UseExamples(_ => TinyRun.Examples(16)).UseLoss(_ => TinyRun.Loss).AddCallback(_ => recorder)
            .Services.Configure<LearningRateScheduleOptions>("wsd", settings);
        await using var provider = services.BuildServiceProvider();

        await using var trainer = provider.GetRequiredService<IReasonDistillTrainerFactory>().Create("wsd");
        await trainer.RunAsync(TestContext.Current.CancellationToken);

        double[] expected = [1e-3, 2e-3, 2e-3, 2e-3, 2e-3, 1.75e-3, 1.5e-3, 1.25e-3];
        Assert.All(expected.Zip(recorder.Steps), pair => Assert.Equal(pair.First, pair.Second.LearningRate, 1e-15));
        Assert.Equal(expected.Length, recorder.Steps.Count);
    }
}
