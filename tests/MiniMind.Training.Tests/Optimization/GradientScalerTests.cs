namespace MiniMind.Training.Tests;

public class GradientScalerTests
{
    [Fact]
    public void The_scale_halves_after_a_bad_step_and_doubles_after_two_thousand_good_ones()
    {
        var scaler = new GradientScaler(enabled: true);
        Assert.Equal(65536, scaler.Scale);

        scaler.Update(gradientsFinite: false);
        Assert.Equal((32768, 1), (scaler.Scale, scaler.SkippedSteps));

        for (var i = 0; i < 1999; i++)
            scaler.Update(gradientsFinite: true);
        Assert.Equal(32768, scaler.Scale);
        scaler.Update(gradientsFinite: true);
        Assert.Equal(65536, scaler.Scale);
    }

    [Fact]
    public void Switched_off_it_changes_nothing()
    {
        var scaler = new GradientScaler(enabled: false);
        scaler.Update(gradientsFinite: false);
        Assert.Equal((1, 0), (scaler.Scale, scaler.SkippedSteps));
    }
}
