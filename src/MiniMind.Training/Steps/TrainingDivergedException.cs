namespace MiniMind.Training;

/// <summary>The loss, the gradients or the weights became infinite or not a number. The weights took none of it, and no checkpoint was written from weights
/// that did.</summary>
public sealed class TrainingDivergedException : MiniMindException
{
    internal TrainingDivergedException(string quantity, long step, double value, long skipped = 0)
        : base(FormattableString.Invariant($"the {quantity} step {step} is {value}; expected a finite number. ")
            + (skipped > 0 ? FormattableString.Invariant($"Up to this step, {skipped} optimizer steps were found that are not finite; the weights took none of them. ") : string.Empty)
            + "Lower the learning rate or the tag weight, and resume from the last checkpoint.")
    {
        Step = step;
    }

    /// <summary>The step (micro-batch) of the run, from 1, as in <see cref="TrainingProgress.Step"/>.</summary>
    public long Step { get; }
}
