namespace MiniMind.Training.Tests;

/// <summary>Twenty optimizer steps on several ranks, and what one process computes of the same micro-batches.</summary>
/// <param name="Ranks">How many ranks.</param>
/// <param name="Accumulation">Micro-batches that each rank accumulates.</param>
/// <param name="Kind">Words: dense, moe, group (normalization), packed, balanced, bf16.</param>
internal sealed record SameNumbersRun(int Ranks, int Accumulation, string Kind)
{
    public const int OptimizerSteps = 20;

    public LMConfig Config => TinyRun.Config with { UseMoe = Kind.Contains("moe", StringComparison.Ordinal) };

    private ReasonDistillOptions Options => OptionsOf(Kind) with { AccumulationSteps = Accumulation };

    private List<SftExample> Examples => TinyRun.Examples(OptimizerSteps * Accumulation * Ranks * 3);

    /// <summary>One process visits the micro-batches group by group, and in each those of rank 0 first.</summary>
    public async Task<(ProgressRecorder Steps, float[] Weights)> RunAloneAsync(CancellationToken cancellationToken)
    {
        var (examples, options) = (Examples, Options);
        var shares = Enumerable.Range(0, Ranks).Select(rank => new EpochSampler(
            examples.Count, options.Sampling with { Rank = rank, WorldSize = Ranks }, [.. examples.Select(e => e.Length)]).Epoch(0)).ToList();
        var order = Enumerable.Range(0, OptimizerSteps * Accumulation).SelectMany(b => shares.SelectMany(share => share[b]));
        using var model = new MiniMindLM(Config, seed: 1);
        var recorder = new ProgressRecorder();
        await using var trainer = Trainer(model, [.. order.Select(i => examples[i])], options with { AccumulationSteps = Accumulation * Ranks }, null, recorder);
        await RankedRun.UseOneThreadAsync(trainer);
        await trainer.RunAsync(cancellationToken);
        return (recorder, RankedRun.WeightsOf(model));
    }

    /// <summary>The trainer of one rank; weights are compared after each step.</summary>
    public ReasonDistillTrainer Trainer(MiniMindLM model, ICollective rank, params ITrainingCallback[] callbacks) =>
        Trainer(model, Examples, Options with { WeightsCheckInterval = 1 }, rank, callbacks);

    public static ReasonDistillTrainer Trainer(
        MiniMindLM model, IReadOnlyList<SftExample> examples, ReasonDistillOptions options, ICollective? rank, params ITrainingCallback[] callbacks) =>
        new(model, examples, TinyRun.Loss, new FixedRate(1e-3), options, callbacks, collective: rank);

    public static ReasonDistillOptions OptionsOf(string kind)
    {
        var options = TinyRun.Options(batchSize: 3);
        options.Normalization = kind.Contains("group", StringComparison.Ordinal) ? LossNormalization.AccumulationGroup : LossNormalization.MicroBatch;
        options.Loading.PackSequences = kind.Contains("packed", StringComparison.Ordinal);
        options.Sampling.BalanceTokens = kind.Contains("balanced", StringComparison.Ordinal);
        options.Precision = kind.Contains("bf16", StringComparison.Ordinal) ? TrainingPrecision.BFloat16 : TrainingPrecision.Float32;
        return options;
    }

    /// <summary>How far rank 0's run is from that of one process; infinitely where the counts differ.</summary>
    public NumberDifference Difference((ProgressRecorder Steps, float[] Weights) alone, (ProgressRecorder Steps, float[] Weights) ranked)
    {
        var losses = alone.Steps.Steps.Chunk(Ranks).Select(group => group.Average(s => s.Loss!.Value)).ToList();
        if (losses.Count != ranked.Steps.Steps.Count || alone.Steps.Steps[^1].Tokens != ranked.Steps.Steps[^1].Tokens)
            return new NumberDifference(double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        return new NumberDifference(
            alone.Weights.Zip(ranked.Weights).Max(pair => Math.Abs((double)pair.First - pair.Second)),
            losses.Zip(ranked.Steps.Steps).Max(pair => Math.Abs(pair.First - pair.Second.Loss!.Value)),
            Math.Abs(alone.Steps.Steps[^1].GradientNorm!.Value - ranked.Steps.Steps[^1].GradientNorm!.Value));
    }
}
