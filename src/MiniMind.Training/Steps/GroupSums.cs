using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>What the micro-batches of a group add up to, over all ranks where there are several.</summary>
/// <param name="Losses">The loss of each micro-batch, a scalar; of several ranks, the mean of theirs.</param>
/// <param name="Components">The components of each micro-batch's loss <c>[C]</c>, alike; none where the loss reports none.</param>
/// <param name="Tokens">The tokens of each.</param>
/// <param name="SupervisedTokens">The supervised tokens of each.</param>
internal sealed record GroupSums(List<Tensor> Losses, List<Tensor> Components, IReadOnlyList<long> Tokens, IReadOnlyList<long> SupervisedTokens)
{
    /// <summary>Those of this rank.</summary>
    public static GroupSums Of(AccumulationGroup group, List<Tensor> losses, List<Tensor> components) =>
        new(losses, components, [.. group.MicroBatches.Select(b => (long)b.TokenCount)], [.. group.MicroBatches.Select(b => (long)b.SupervisedTokens)]);

    /// <summary>Reads the sum of <see cref="ToTensor"/> of all ranks.</summary>
    public static GroupSums FromTensor(Tensor sum, int microBatches, int ranks, Device device)
    {
        var rows = sum.data<double>().ToArray().Chunk(microBatches).ToList();
        var losses = rows[0].Select(loss => tensor((float)(loss / ranks), device: device));
        var components = rows.Count == 3 ? [] : Enumerable.Range(0, microBatches).Select(i => tensor(rows[3..].ConvertAll(row => (float)(row[i] / ranks)), device: device));
        return new GroupSums([.. losses], [.. components], Array.ConvertAll(rows[1], n => (long)n), Array.ConvertAll(rows[2], n => (long)n));
    }

    /// <summary>All numbers <c>[(3 + C)·N]</c> fp64, to be summed.</summary>
    public Tensor ToTensor()
    {
        var components = Components.ConvertAll(c => c.cpu().data<float>().ToArray());
        var rows = Enumerable.Range(0, components.Count == 0 ? 0 : components[0].Length).SelectMany(c => components.Select(values => (double)values[c]));
        return tensor((double[])[.. Losses.Select(loss => (double)loss.item<float>()), .. Tokens.Select(n => (double)n), .. SupervisedTokens.Select(n => (double)n), .. rows]);
    }
}
