namespace MiniMind.Training.Tests;

/// <summary>Ranks that were started with different things end before the first step, and say which rank has what.</summary>
public sealed class RunFingerprintTests
{
    public static TheoryData<string, string> Differences => new()
    {
        { "count", "rank 2: the dataset has 1,999 examples; rank 0 has 2,000" },
        { "content", "rank 2: the SHA-256 of the examples is " },
        { "options", "rank 2: AccumulationSteps is 2; rank 0 has 1" },
        { "order", "rank 2: Sampling.Order is Shuffled; rank 0 has Sequential" },
        { "balance", "rank 2: Sampling.BalanceTokens is True; rank 0 has False" },
        { "check", "rank 2: WeightsCheckInterval is 7; rank 0 has 100" },
        { "model", "rank 2: the model's n_layers is 3; rank 0 has 2" },
        { "rate", "rank 2: the learning rate of step 1 is 0.0022; rank 0 has 0.0011" },
        { "loss", "rank 2: the loss is WeightedTagLoss" },
        { "components", "rank 2: the loss reports the components tags, text; rank 0 has none" },
    };

    [Theory]
    [MemberData(nameof(Differences))]
    public async Task All_ranks_get_the_same_exception_with_rank_and_values(string what, string message)
    {
        var recorder = new ProgressRecorder();
        var run = new List<ReasonDistillTrainer>();
        foreach (var rank in InProcessCollective.Create(3))
            run.Add(Trainer(rank, rank.Rank == 2 ? what : "nothing", recorder));

        var faults = await Task.WhenAll(run.Select(t => Assert.ThrowsAsync<RankException>(() => t.RunAsync(TestContext.Current.CancellationToken))));

        Assert.StartsWith(message, faults[0].Message, StringComparison.Ordinal);
        Assert.EndsWith(". Start all ranks with the same program, model, data and options.", faults[0].Message, StringComparison.Ordinal);
        Assert.All(faults, fault => Assert.Equal((faults[0].Message, 2), (fault.Message, fault.Rank)));
        Assert.Empty(recorder.Events);
        await Assert.ThrowsAsync<CollectiveException>(() => run[0].RunAsync(TestContext.Current.CancellationToken));
        foreach (var trainer in run)
        {
            await trainer.DisposeAsync();
            trainer.Model.Dispose();
        }
    }

    [Fact]
    public async Task Where_rank_0_is_the_odd_one_all_others_are_named()
    {
        var run = InProcessCollective.Create(4).Select(rank => Trainer(rank, rank.Rank == 0 ? "options" : "nothing")).ToList();

        var faults = await Task.WhenAll(run.Select(t => Assert.ThrowsAsync<RankException>(() => t.RunAsync(TestContext.Current.CancellationToken))));

        Assert.All(faults, fault => Assert.StartsWith(
            "rank 1: AccumulationSteps is 1; rank 0 has 2 (ranks 2, 3 differ from rank 0 too). ", fault.Message, StringComparison.Ordinal));
        foreach (var trainer in run)
        {
            await trainer.DisposeAsync();
            trainer.Model.Dispose();
        }
    }

    [Fact]
    public async Task What_needs_not_be_alike_is_not_compared()
    {
        await using var run = new RankedRun(2, TinyRun.Config, (model, rank) => new ReasonDistillTrainer(
            model,
            TinyRun.Examples(4),
            TinyRun.Loss,
            new CosineSchedule(1e-3),
            TinyRun.Options() with { Loading = new() { Workers = 1 + rank.Rank, QueueSize = 2 + rank.Rank } },
            collective: rank));

        Assert.All(await run.RunAsync(), Assert.Null);
    }

    [Fact]
    public void Another_world_size_in_the_options_is_refused()
    {
        using var model = new MiniMindLM(TinyRun.Config, seed: 1);
        var options = TinyRun.Options();
        options.Sampling.WorldSize = 3;

        var exception = Assert.Throws<ArgumentException>(() => new ReasonDistillTrainer(
            model, TinyRun.Examples(4), TinyRun.Loss, new CosineSchedule(1e-3), options, collective: InProcessCollective.Create(2)[0]));

        Assert.StartsWith("Sampling.WorldSize is 3, and the collective has 2 ranks; expected the same number", exception.Message, StringComparison.Ordinal);
    }

    private static ReasonDistillTrainer Trainer(ICollective rank, string difference, params ITrainingCallback[] callbacks)
    {
        var examples = TinyRun.Examples(2000);
        if (difference == "count")
            examples.RemoveAt(1999);
        if (difference == "content")
            examples[77] = TinyRun.Examples(1, seed: 5)[0];
        var options = TinyRun.Options();
        options.AccumulationSteps = difference == "options" ? 2 : 1;
        options.Sampling.Order = difference == "order" ? SampleOrder.Shuffled : SampleOrder.Sequential;
        options.Sampling.BalanceTokens = difference == "balance";
        options.WeightsCheckInterval = difference == "check" ? 7 : 100;
        var model = new MiniMindLM(difference == "model" ? TinyRun.Config with { NLayers = 3 } : TinyRun.Config, seed: 1);
        var loss = difference == "loss" ? WeightedTagLoss.FromTagIds([[5], [7]])
            : difference == "components" ? WeightedTagLoss.FromTagIds([[5], [6]], new() { ReportComponents = true }) : TinyRun.Loss;
        return new(model, examples, loss, new CosineSchedule(difference == "rate" ? 2e-3 : 1e-3), options, callbacks, collective: rank);
    }
}
