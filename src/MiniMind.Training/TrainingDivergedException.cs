namespace MiniMind.Training;

/// <summary>The loss or the gradients became infinite or not a number; the run ended before the optimizer used them.</summary>
public sealed class TrainingDivergedException : MiniMindException
{
    internal TrainingDivergedException(string quantity, long step, double value)
        : base(FormattableString.Invariant($"the {quantity} of step {step} is {value}; expected a finite number. ")
            + "Lower the learning rate or the tag weight, and resume from the last checkpoint.")
    {
        Step = step;
    }

    /// <summary>The step (micro-batch) of the run, from 0.</summary>
    public long Step { get; }
}
