using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>The embedding <c>[vocabulary, dim]</c>, which is the weight of the output projection too unless that has its own. Because only this
/// module owns it, a move to another device cannot split the two.</summary>
internal sealed class TokenEmbedding : nn.Module, ICastable
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    public TokenEmbedding(LMConfig config, Generator? generator)
        : base(nameof(TokenEmbedding))
    {
        _weight = Linear.InitialWeight(config.VocabSize, config.Dim, generator);
        RegisterComponents();
    }

    public Parameter Weight => _weight;

    public Tensor? Cast { get; set; }

    public Tensor? Packed { get; set; }

    /// <summary>Rows of the weight, <c>[B, T, dim]</c>, for ids <c>[B, T]</c>.</summary>
    public Tensor Embed(Tensor ids_BT)
    {
        using var scope = NewDisposeScope();
        return _weight.index_select(0, ids_BT.reshape(-1)).view(ids_BT.shape[0], ids_BT.shape[1], -1).MoveToOuterDisposeScope();
    }

    /// <summary>Adds the gradient of embedded rows <c>[B, T, dim]</c> to the weight's, which autograd would first spread over a buffer of the whole
    /// vocabulary.</summary>
    public void AddGradient(Tensor ids_BT, Tensor gradient_BTC)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using Scalar one = 1;
        _weight.grad!.index_add_(0, ids_BT.reshape(-1), gradient_BTC.reshape(-1, _weight.shape[1]), one);
    }
}
