using System.Text.Json;
using MiniMind.Tests;

namespace MiniMind.Training.Tests;

public class CosineScheduleTests
{
    [Fact]
    public void Rates_equal_the_references_to_twelve_digits()
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(GoldenFiles.Kept("lr_schedule.json")));
        foreach (var entry in golden.RootElement.EnumerateArray())
        {
            var rate = new CosineSchedule(entry.GetProperty("lr").GetDouble())
                .GetLearningRate(entry.GetProperty("step").GetInt64(), entry.GetProperty("total").GetInt64());
            TensorAssert.Close(entry.GetProperty("value").GetDouble(), rate, 1e-12, entry.ToString());
        }
    }

    [Fact]
    public void The_first_rate_of_the_reference_run_is_0_00055() => Assert.Equal(0.00055, new CosineSchedule(5e-4).GetLearningRate(0, 1000), 1e-15);

    [Fact]
    public void Warm_up_rises_to_the_peak_and_the_cosine_ends_at_the_floor()
    {
        var schedule = new CosineSchedule(1e-3, warmupSteps: 10, peak: 2e-3, floor: 0);

        Assert.Equal(2e-4, schedule.GetLearningRate(0, 100), 1e-12);
        Assert.Equal(2e-3, schedule.GetLearningRate(9, 100), 1e-12);
        Assert.Equal(2e-3, schedule.GetLearningRate(10, 100), 1e-12);
        Assert.Equal(1e-3, schedule.GetLearningRate(55, 100), 1e-12);
        Assert.Equal(0, schedule.GetLearningRate(100, 100), 1e-12);
        Assert.Equal(0, schedule.GetLearningRate(500, 100), 1e-12);
    }

    [Theory]
    [InlineData(0, 0, null, null, "learningRate")]
    [InlineData(double.NaN, 0, null, null, "learningRate")]
    [InlineData(1e-3, -1, null, null, "warmupSteps")]
    [InlineData(1e-3, 0, 1e-5, 1e-4, "peak")]
    [InlineData(1e-3, 0, null, -1.0, "floor")]
    public void Wrong_settings_are_named(double rate, long warmup, double? peak, double? floor, string parameter) =>
        Assert.Equal(parameter, Assert.Throws<ArgumentOutOfRangeException>(() => new CosineSchedule(rate, warmup, peak, floor)).ParamName);
}
