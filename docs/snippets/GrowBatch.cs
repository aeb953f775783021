namespace MiniMind.Training.Snippets;

#region grow-batch
/// <summary>From a step on, four micro-batches make one optimizer step, and gradients are clipped more tightly.</summary>
public sealed class GrowBatch(long fromStep) : ITrainingCallback
{
    public ValueTask OnStepCompletedAsync(StepCompletedArguments arguments)
    {
        var control = arguments.Control;
        if (arguments.Progress.Step >= fromStep && control.AccumulationSteps == 1)
        {
            control.AccumulationSteps = 4;
            control.GradientClip = 0.5;
        }

        return default;
    }
}
#endregion
