namespace MiniMind.Training;

/// <summary>A setting that a checkpoint was written with and a run does not have.</summary>
/// <param name="Name">The setting.</param>
/// <param name="Saved">Its value in the checkpoint.</param>
/// <param name="Now">The run's.</param>
/// <param name="IsRefused">Whether the checkpoint then belongs to another run; otherwise somebody may have meant it, and it is said.</param>
internal sealed record RunDifference(string Name, string Saved, string Now, bool IsRefused)
{
    private const string Unknown = "not known";

    /// <summary>Differs from a hash that is not known either: appended examples are proved, or refused.</summary>
    private const string NotRead = "not known, because they cannot all be read";

    private const string Allowance = $"{nameof(ResumeOptions)}.{nameof(ResumeOptions.AllowAppendedExamples)} takes more, if the first are as they were";

    /// <summary>All settings that decide the losses. Those that decide which data a step sees and what is computed of it cannot change within a run. What may be
    /// meant to change is how far and how fast it goes on (epochs, steps, learning rate, the optimizer's constants, clipping) and what changes no more than
    /// the last bits (device, sizes of parts, padding). Examples may be appended where the options say so.</summary>
    public static IReadOnlyList<RunDifference> Find(CheckpointState saved, RunDescription run, ResumeOptions options)
    {
        var (old, now) = (saved.Options, run.Options);
        List<RunDifference> differences = [];
        void Compare(string name, object? before, object? after, bool isRefused)
        {
            if (!Equals(before, after))
                differences.Add(new RunDifference(name, Shown(before), Shown(after), isRefused));
        }

        void Refuse(string name, object? before, object? after) => Compare(name, before, after, isRefused: true);
        void Warn(string name, object? before, object? after) => Compare(name, before, after, isRefused: false);

        var hasMore = run.DatasetCount > saved.DatasetCount;
        if (hasMore && options.AllowAppendedExamples)
            Refuse($"content of the first {saved.DatasetCount} examples (SHA-256)", saved.DatasetSha256, run.Content?.Sha256Of(saved.DatasetCount) ?? NotRead);
        else
            Refuse("number of examples", saved.DatasetCount, hasMore ? $"{run.DatasetCount} ({Allowance})" : run.DatasetCount);
        Refuse("Sampling.BatchSize", old.Sampling.BatchSize, now.Sampling.BatchSize);
        Refuse("Sampling.Order", old.Sampling.Order, now.Sampling.Order);
        Refuse("Sampling.Seed", old.Sampling.Seed, now.Sampling.Seed);
        Refuse("Sampling.DropLast", old.Sampling.DropLast, now.Sampling.DropLast);
        if (saved.IsAtEpochsEnd || old.Sampling.WorldSize == now.Sampling.WorldSize)
            Warn("Sampling.WorldSize", old.Sampling.WorldSize, now.Sampling.WorldSize);
        else
            Refuse("Sampling.WorldSize", old.Sampling.WorldSize, $"{now.Sampling.WorldSize} (the number of ranks may change at an epoch's end only; {saved.Batch} steps of epoch {saved.Epoch + 1} are done)");
        Refuse("Sampling.BalanceTokens", old.Sampling.BalanceTokens, now.Sampling.BalanceTokens);
        Refuse("Sampling.BucketBatches", old.Sampling.BucketBatches, now.Sampling.BucketBatches);
        Refuse("AccumulationSteps", old.AccumulationSteps, now.AccumulationSteps);
        Refuse("DropIncompleteAccumulation", old.DropIncompleteAccumulation, now.DropIncompleteAccumulation);
        Refuse("Normalization", old.Normalization, now.Normalization);
        Refuse("Precision", old.Precision, now.Precision);
        Refuse("Seed", old.Seed, now.Seed);
        Refuse("Loading.PackSequences", old.Loading.PackSequences, now.Loading.PackSequences);
        if (saved.FormatVersion >= CheckpointState.FirstWithDescription)
        {
            // One that cannot be compared is not taken for another.
            var isContentKnown = saved.DatasetSha256 is not null && run.Content is not null;
            if (saved.DatasetCount == run.DatasetCount)
                Compare("content of the examples (SHA-256)", saved.DatasetSha256, run.Content?.Sha256, isContentKnown);
            if (saved.TokenizerSha256 is not null && run.TokenizerSha256 is not null)
                Refuse("tokenizer (SHA-256)", saved.TokenizerSha256, run.TokenizerSha256);
            // A loss without a description may be the same one in another's place, such as one that wraps it.
            Compare(
                "loss", saved.Loss ?? saved.LossType, run.Loss.Description ?? run.Loss.GetType().Name, saved.Loss is not null && run.Loss.Description is not null);
            if (saved.Schedule?.DifferenceFrom(run.Schedule) is { } schedule)
                Warn("learning-rate schedule", schedule.Saved, schedule.Now);
            Warn("Device", saved.Device, run.Device);
        }

        Warn("Epochs", old.Epochs, now.Epochs);
        Warn("MaxSteps", old.MaxSteps, now.MaxSteps);
        Warn("Optimizer.Beta1", old.Optimizer.Beta1, now.Optimizer.Beta1);
        Warn("Optimizer.Beta2", old.Optimizer.Beta2, now.Optimizer.Beta2);
        Warn("Optimizer.Epsilon", old.Optimizer.Epsilon, now.Optimizer.Epsilon);
        Warn("Optimizer.WeightDecay", old.Optimizer.WeightDecay, now.Optimizer.WeightDecay);
        Warn("GradientClip", old.GradientClip, now.GradientClip);
        Warn("ProjectionChunk", old.ProjectionChunk, now.ProjectionChunk);
        Warn("Loading.PadToLength", old.Loading.PadToLength, now.Loading.PadToLength);
        Warn("Loading.PadToMultipleOf", old.Loading.PadToMultipleOf, now.Loading.PadToMultipleOf);
        return differences;
    }

    public override string ToString() => $"{Name} was {Saved} and is {Now}";

    private static string Shown(object? value) => value is null ? Unknown : FormattableString.Invariant($"{value}");
}
