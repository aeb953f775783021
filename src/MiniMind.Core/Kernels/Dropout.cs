using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Dropout (Srivastava et al. 2014) that draws from a generator of the run, so that no other computation of the process changes its draws.</summary>
/// <param name="probability">Share of the elements that become 0; the others are scaled so that the mean stays.</param>
/// <param name="generator">Where it draws from; null for torch's global generator.</param>
internal sealed class Dropout(double probability, Generator? generator)
{
    /// <summary>Drops elements of <paramref name="x"/>, of any shape.</summary>
    public Tensor Apply(Tensor x)
    {
        using var scope = NewDisposeScope();
        var noise = empty_like(x).bernoulli_(1 - probability, generator).DivideInPlace(1 - probability);
        return (x * noise).MoveToOuterDisposeScope();
    }

    /// <summary>Where the draws stand, to be repeated from there; none of torch's global generator. The caller disposes it.</summary>
    public Tensor? GetState() => generator?.get_state();

    /// <summary>Draws from there on as they came before.</summary>
    public void SetState(Tensor state) => generator!.set_state(state);
}
