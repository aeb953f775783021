namespace MiniMind.Training;

/// <summary>Makes the trainers of the trainings that a program has registered.</summary>
public interface IReasonDistillTrainerFactory
{
    /// <summary>Makes a trainer for one run. It belongs to the caller, who disposes it: the container does not keep it.</summary>
    /// <param name="name">The training's name; empty (default) for the one that was registered without a name.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentException">No training has this name.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Settings are wrong, or a part is missing; everything is named.</exception>
    ReasonDistillTrainer Create(string name = "");
}
