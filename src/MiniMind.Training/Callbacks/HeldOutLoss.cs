namespace MiniMind.Training;

/// <summary>Reports the mean cross-entropy of the supervised tokens of held-out examples, every token weighing the same, as
/// <c>held_out_loss</c>, and its exponential as <c>held_out_perplexity</c>.</summary>
public sealed class HeldOutLoss : ITrainingCallback
{
    /// <summary>Name of the reported loss.</summary>
    public const string MetricName = "held_out_loss";

    private readonly HeldOutExamples _heldOut;

    /// <summary>Creates the callback.</summary>
    /// <param name="examples">Examples the training does not see.</param>
    /// <param name="batchSize">Rows at a time. Default 16.</param>
    /// <exception cref="ArgumentException">There are no examples.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The batch size is below 1.</exception>
    public HeldOutLoss(IReadOnlyList<SftExample> examples, int batchSize = 16)
    {
        _heldOut = new HeldOutExamples(examples, batchSize);
    }

    /// <inheritdoc/>
    public async ValueTask OnEvaluationDueAsync(EvaluationDueArguments arguments)
    {
        var control = arguments.Control;
        var loss = await control.ComputeAsync(() => Compute(control.Model, arguments.CancellationToken)).ConfigureAwait(false);
        await control.ReportMetricsAsync(
            new Dictionary<string, double> { [MetricName] = loss, ["held_out_perplexity"] = Math.Exp(loss) },
            arguments.CancellationToken).ConfigureAwait(false);
    }

    /// <summary>Computes the loss without a trainer.</summary>
    /// <param name="model">The model; it is evaluated without dropout, whatever mode it is in.</param>
    /// <param name="cancellationToken">Ends the work between two batches.</param>
    /// <returns>Mean cross-entropy in nats a supervised token.</returns>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public double Compute(MiniMindLM model, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        return _heldOut.MeanLoss(model, cancellationToken);
    }
}
