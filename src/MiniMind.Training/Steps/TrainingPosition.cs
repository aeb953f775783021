namespace MiniMind.Training;

/// <summary>What comes next in the data, and how much was done.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Batch">The epoch's next batch, from 0.</param>
/// <param name="Step">Steps (micro-batches) done so far.</param>
internal readonly record struct TrainingPosition(int Epoch, int Batch, long Step)
{
    /// <summary>The first epoch that has not begun.</summary>
    public int NextEpoch => Batch == 0 ? Epoch : Epoch + 1;

    /// <summary>The position after some more steps of the epoch; behind its last batch begins the next epoch.</summary>
    /// <param name="steps">Steps of this epoch.</param>
    /// <param name="plan">Says how many batches the epoch has.</param>
    public TrainingPosition Advance(int steps, EpochPlan plan)
    {
        var next = this with { Batch = Batch + steps, Step = Step + steps };
        return next.Batch == plan.BatchesOf(Epoch) ? next with { Epoch = Epoch + 1, Batch = 0 } : next;
    }
}
