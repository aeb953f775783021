using MiniMind.Modules;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>A forward pass that keeps each block's input only and computes the block again in the backward pass (activation checkpointing, Chen et
/// al. 2016): a third more arithmetic, a fraction of the memory, the same numbers.</summary>
internal sealed class RecomputedPass
{
    private readonly IReadOnlyList<Func<Tensor, (Tensor Output, Tensor? AuxLoss)>> _stages;
    private readonly List<Tensor> _inputs = [];
    private readonly long? _seed;

    /// <param name="stages">The model's stages, first to last; each is pure but for its draws of dropout.</param>
    /// <param name="input">What the first reads, a leaf.</param>
    /// <param name="seed">Seeds the draws of each stage, so that they are the same when it is computed again; none if nothing is drawn.</param>
    public RecomputedPass(IReadOnlyList<Func<Tensor, (Tensor Output, Tensor? AuxLoss)>> stages, Tensor input, long? seed)
    {
        (_stages, _seed) = (stages, seed);
        using var noGrad = no_grad();
        var x = input;
        for (var i = 0; i < stages.Count; i++)
        {
            _inputs.Add(x);
            (x, var auxLoss) = Compute(i, x);
            if (auxLoss is not null)
                AuxLoss = AuxLoss is null ? auxLoss : AuxLoss + auxLoss;
        }

        Output = x.requires_grad_();
    }

    /// <summary>What the first stage reads.</summary>
    public Tensor Input => _inputs[0];

    /// <summary>What the last stage made: a leaf, whose gradient <see cref="Backward"/> starts from.</summary>
    public Tensor Output { get; }

    /// <summary>Sum of the stages' auxiliary losses, or none.</summary>
    public Tensor? AuxLoss { get; }

    /// <summary>Brings the gradient of <see cref="Output"/> to the weights and the input.</summary>
    /// <param name="auxGradient">Gradient of <see cref="AuxLoss"/>.</param>
    public void Backward(double auxGradient)
    {
        var gradient = Output.grad!;
        for (var i = _stages.Count - 1; i >= 0; i--)
        {
            using var scope = NewDisposeScope();
            var input = i == 0 ? Input : _inputs[i].detach().requires_grad_();
            var (output, auxLoss) = Compute(i, input);
            if (auxLoss is null)
                autograd.backward([output], [gradient]);
            else
                autograd.backward([output, auxLoss], [gradient, full_like(auxLoss, auxGradient)]);
            if (i > 0)
                gradient = input.grad!.MoveToOuterDisposeScope();
        }
    }

    private (Tensor Output, Tensor? AuxLoss) Compute(int stage, Tensor input)
    {
        if (_seed is { } seed)
            manual_seed(unchecked(seed + stage)).Dispose();
        return _stages[stage](input);
    }
}
