using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>What the micro-batches of a group add up to, over all ranks where there are several.</summary>
/// <param name="Losses">The loss of each micro-batch, a scalar; of several ranks, the mean of theirs.</param>
/// <param name="Tokens">The tokens of each.</param>
/// <param name="SupervisedTokens">The supervised tokens of each.</param>
internal sealed record GroupSums(List<Tensor> Losses, IReadOnlyList<long> Tokens, IReadOnlyList<long> SupervisedTokens)
{
    /// <summary>Those of this rank.</summary>
    public static GroupSums Of(AccumulationGroup group, List<Tensor> losses) =>
        new(losses, [.. group.MicroBatches.Select(b => (long)b.TokenCount)], [.. group.MicroBatches.Select(b => (long)b.SupervisedTokens)]);

    /// <summary>Reads the sum of <see cref="ToTensor"/> of all ranks.</summary>
    public static GroupSums FromTensor(Tensor sum, int ranks, Device device)
    {
        var numbers = sum.data<double>().ToArray();
        var count = numbers.Length / 3;
        var losses = numbers[..count].Select(loss => tensor((float)(loss / ranks), device: device));
        return new GroupSums([.. losses], Array.ConvertAll(numbers[count..^count], n => (long)n), Array.ConvertAll(numbers[^count..], n => (long)n));
    }

    /// <summary>All numbers <c>[3·N]</c> fp64, to be summed.</summary>
    public Tensor ToTensor() =>
        tensor((double[])[.. Losses.Select(loss => (double)loss.item<float>()), .. Tokens.Select(n => (double)n), .. SupervisedTokens.Select(n => (double)n)]);
}
