using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>Reports the mean cross-entropy of the supervised tokens of held-out examples, every token weighing the same, as
/// <c>held_out_loss</c>, and its exponential as <c>held_out_perplexity</c>.</summary>
public sealed class HeldOutLoss : ITrainingCallback
{
    /// <summary>Name of the reported loss.</summary>
    public const string MetricName = "held_out_loss";

    private readonly IReadOnlyList<SftExample> _examples;
    private readonly int _batchSize;

    /// <summary>Creates the callback.</summary>
    /// <param name="examples">Examples the training does not see.</param>
    /// <param name="batchSize">Rows at a time. Default 16.</param>
    /// <exception cref="ArgumentException">There are no examples.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The batch size is below 1.</exception>
    public HeldOutLoss(IReadOnlyList<SftExample> examples, int batchSize = 16)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (examples.Count == 0)
            throw new ArgumentException("there are no held-out examples", nameof(examples));
        (_examples, _batchSize) = (examples, batchSize);
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
    /// <param name="model">The model; it is evaluated without dropout and left in its mode.</param>
    /// <param name="cancellationToken">Ends the work between two batches.</param>
    /// <returns>Mean cross-entropy in nats a supervised token.</returns>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public double Compute(MiniMindLM model, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        var wasTraining = model.training;
        var collator = new BatchCollator(padTokenId: 0);
        var (sum, count) = (0.0, 0L);
        using var noGrad = no_grad();
        using var weights = model.UseCastWeights();
        model.eval();
        try
        {
            foreach (var chunk in _examples.Chunk(_batchSize))
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var batch = collator.Collate(chunk);
                long[] positions = [.. Enumerable.Range(0, batch.LossMask.Length).Where(i => batch.LossMask[i] != 0)];
                var output = model.forward(
                    tensor(batch.InputIds, [batch.BatchSize, batch.Length]).to(model.Device),
                    tensor(positions).to(model.Device));
                var labels = tensor(Array.ConvertAll(positions, i => batch.Labels[i])).to(model.Device);
                sum += nn.functional.cross_entropy(output.Logits, labels, reduction: nn.Reduction.Sum).item<float>();
                count += positions.Length;
            }
        }
        finally
        {
            model.train(wasTraining);
        }

        return sum / count;
    }
}
