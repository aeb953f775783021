using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>Examples that training does not see, and their loss.</summary>
internal sealed class HeldOutExamples
{
    private readonly IReadOnlyList<SftExample> _examples;
    private readonly int _batchSize;

    public HeldOutExamples(IReadOnlyList<SftExample> examples, int batchSize = 16)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (examples.Count == 0)
            throw new ArgumentException("there are no held-out examples", nameof(examples));
        (_examples, _batchSize) = (examples, batchSize);
    }

    /// <summary>Mean cross-entropy of the supervised tokens in nats, every token weighing the same.</summary>
    /// <exception cref="DatasetException">An example is not for the model, or has nothing to learn.</exception>
    public double MeanLoss(MiniMindLM model, CancellationToken cancellationToken) => model.Ownership.Use(() =>
    {
        var check = new ExampleCheck(model.Config, _examples);
        var collator = new BatchCollator(padTokenId: 0);
        var (sum, count, index) = (0.0, 0L, 0);
        using var noGrad = no_grad();
        using var weights = model.UseCastWeights();
        foreach (var chunk in _examples.Chunk(_batchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            foreach (var example in chunk)
                check.Require(example, index++);
            var batch = collator.Collate(chunk);
            long[] positions = [.. Enumerable.Range(0, batch.LossMask.Length).Where(i => batch.LossMask[i] != 0)];
            var ids_BT = tensor(batch.InputIds, [batch.Layout.Rows, batch.Layout.Length]).to(model.Device);
            var hidden_NC = model.ForwardHidden(new ForwardInput(ids_BT) { Layout = batch.Layout.Select(positions) }).Hidden;
            var labels_N = tensor(Array.ConvertAll(positions, i => batch.Labels[i])).to(model.Device);
            sum += nn.functional.cross_entropy(model.Project(hidden_NC), labels_N, reduction: nn.Reduction.Sum).item<float>();
            count += positions.Length;
        }

        return sum / count;
    });
}
