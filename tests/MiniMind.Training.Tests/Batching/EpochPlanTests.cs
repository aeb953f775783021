namespace MiniMind.Training.Tests;

public class EpochPlanTests
{
    private static readonly EpochPlan Grown = new([new(0, 5), new(2, 9), new(3, 40)], new EpochSamplerOptions { BatchSize = 2, Order = SampleOrder.Shuffled });

    [Fact]
    public void An_epoch_visits_the_examples_of_its_stretch()
    {
        Assert.Equal([5, 5, 9, 40, 40, 40], Enumerable.Range(0, 6).Select(e => Grown.Epoch(e).Sum(b => b.Length)));
        Assert.Equal(new EpochSampler(9, new EpochSamplerOptions { BatchSize = 2, Order = SampleOrder.Shuffled }).Epoch(2), Grown.Epoch(2));
    }

    [Fact]
    public void Steps_before_an_epoch_are_the_batches_of_all_before_it()
    {
        for (var epoch = 0; epoch < 9; epoch++)
        {
            Assert.Equal(Enumerable.Range(0, epoch).Sum(e => Grown.Epoch(e).Count), Grown.StepsBefore(epoch));
            Assert.Equal(Grown.Epoch(epoch).Count, Grown.BatchesOf(epoch));
        }

        Assert.Equal(int.MaxValue * 5000L, new EpochPlan(10_000, new() { BatchSize = 2 }).StepsBefore(int.MaxValue));
    }

    [Fact]
    public void A_position_passes_epochs_of_different_lengths()
    {
        var position = default(TrainingPosition);
        for (var step = 1; step <= Grown.StepsBefore(5); step++)
        {
            position = position.Advance(1, Grown);
            Assert.Equal(step, Grown.StepsBefore(position.Epoch) + position.Batch);
            Assert.InRange(position.Batch, 0, Grown.BatchesOf(position.Epoch) - 1);
        }

        Assert.Equal(new TrainingPosition(5, 0, Grown.StepsBefore(5)), position);
    }

    [Fact]
    public void Growth_leaves_what_has_begun_and_replaces_what_has_not()
    {
        Assert.Equal([new(0, 5), new(2, 9), new(3, 40), new(7, 41)], Grown.GrowTo(41, 7).Stretches);
        Assert.Equal([new(0, 5), new(2, 9), new(3, 41)], Grown.GrowTo(41, 3).Stretches);
        Assert.Equal([new(0, 41)], Grown.GrowTo(41, 0).Stretches);
        Assert.Equal(Grown.Stretches, Grown.GrowTo(40, 5).Stretches);
    }

    [Fact]
    public void Epochs_that_other_ranks_shared_keep_their_number_of_steps()
    {
        var plan = new EpochPlan([new(0, 24, 2), new(1, 24, 4)], new EpochSamplerOptions { BatchSize = 2, WorldSize = 3, Rank = 2 }).GrowTo(24, 3);

        Assert.Equal([new(0, 24, 2), new(1, 24, 4), new(3, 24)], plan.Stretches);
        Assert.Equal([6, 3, 3, 4, 4], Enumerable.Range(0, 5).Select(plan.BatchesOf));
        Assert.Equal(12 + 8, plan.StepsBefore(5));
        Assert.Equal(new EpochSampler(24, new EpochSamplerOptions { BatchSize = 2, WorldSize = 3, Rank = 2 }).Epoch(4), plan.Epoch(4));
    }

    [Fact]
    public void Stretches_of_no_run_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new EpochPlan([], new()));
        Assert.Throws<ArgumentException>(() => new EpochPlan([new(1, 5)], new()));
        Assert.Throws<ArgumentException>(() => new EpochPlan([new(0, 0)], new()));
        Assert.Throws<ArgumentException>(() => new EpochPlan([new(0, 5), new(0, 9)], new()));
        Assert.Throws<ArgumentException>(() => new EpochPlan([new(0, 5), new(2, 5)], new()));
        Assert.Throws<ArgumentException>(() => new EpochPlan([new(0, 5, 2), new(2, 5, 2)], new()));
        Assert.Throws<ArgumentException>(() => new EpochPlan([new(0, 5, 0)], new()));
        Assert.Throws<ArgumentException>(() => Grown.GrowTo(39, 5));
    }
}
