using MiniMind.Modules;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>
/// The MiniMind language model (jingyaogong/minimind, early 2025): tied embedding, pre-norm transformer blocks with grouped-query attention,
/// rotary positions and SwiGLU or a mixture of experts, RMSNorm. Parameter names are the reference's. What MiniMind2, minimind-3, Llama and Qwen3
/// have besides is in <see cref="LMConfig"/>.
/// </summary>
/// <remarks>
/// Weights are always fp32; <see cref="ComputeType"/> chooses the dtype of the matrix products, while norms, softmax and the residual stream stay
/// fp32. Not thread-safe while training; inference passes may run concurrently.
/// </remarks>
public sealed class MiniMindLM : nn.Module<Tensor, LMOutput>
{
    private const string RotaryBuffer = "pos_cis";

    [ComponentName(Name = "tok_embeddings")]
    private readonly TokenEmbedding _embedding;
    [ComponentName(Name = "layers")]
    private readonly ModuleList<TransformerBlock> _layers;
    [ComponentName(Name = "norm")]
    private readonly RmsNorm _norm;
    [ComponentName(Name = "output")]
    private readonly Modules.Linear? _output;
    private readonly ComputePrecision _precision = new();
    private CastWeights? _castWeights;

    /// <summary>Creates a model with PyTorch's default initial weights, as the reference starts: linear layers and the tied embedding uniform in
    /// ±1/√in, norm weights 1.</summary>
    /// <param name="config">The architecture.</param>
    /// <param name="seed">Seed of the initial weights; <see langword="null"/> draws them from torch's global generator.</param>
    /// <exception cref="LMConfigException">The configuration is wrong.</exception>
    /// <exception cref="TorchUnavailableException">libtorch is missing or cannot be loaded.</exception>
    public MiniMindLM(LMConfig config, long? seed = null)
        : base(CheckedName(config))
    {
        Config = config;
        using var generator = seed is null ? null : new Generator((ulong)seed.Value);
        _embedding = new TokenEmbedding(config, generator);
        _layers = new ModuleList<TransformerBlock>(
            [.. Enumerable.Range(0, config.NLayers).Select(_ => new TransformerBlock(config, _precision, generator))]);
        _norm = new RmsNorm(config.Dim, config.NormEps);
        if (config.UntiedOutput)
            _output = new Modules.Linear(config.Dim, config.VocabSize, _precision, generator);
        RegisterComponents();
        register_buffer(RotaryBuffer, RotaryEmbedding.Frequencies(config), persistent: false);
    }

    /// <summary>The architecture.</summary>
    public LMConfig Config { get; }

    /// <summary>Dtype of the matrix products: <see cref="ScalarType.Float32"/> (default), <see cref="ScalarType.BFloat16"/> or
    /// <see cref="ScalarType.Float16"/>. Weights, norms, softmax and logits are fp32 whatever it is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another dtype was set.</exception>
    public ScalarType ComputeType
    {
        get => _precision.DType;
        set => _precision.DType = value is ScalarType.Float32 or ScalarType.BFloat16 or ScalarType.Float16
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "the compute dtype is Float32, BFloat16 or Float16");
    }

    /// <summary>Number of trained numbers; the tied embedding counts once.</summary>
    public long ParameterCount => parameters().Sum(p => p.numel());

    /// <summary>Where the weights are.</summary>
    public Device Device => _embedding.Weight.device;

    /// <summary>Scores every position.</summary>
    /// <param name="input">Token ids <c>[B, T]</c> int64 on the model's device.</param>
    /// <returns>Logits <c>[B, T, vocabulary]</c> and the auxiliary loss.</returns>
    /// <exception cref="ArgumentException">The ids are not a <c>[B, T]</c> int64 tensor, or T is 0 or above the configured maximum.</exception>
    public override LMOutput forward(Tensor input) => forward(input, positions: null);

    /// <summary>Scores chosen positions; of the others only what these depend on is computed: neither the vocabulary projection nor, without experts, most of the last block.</summary>
    /// <param name="inputIds">Token ids <c>[B, T]</c> int64 on the model's device.</param>
    /// <param name="positions">Flat positions <c>b·T + t</c>, <c>[N]</c> int64; <see langword="null"/> for all.</param>
    /// <returns>Logits <c>[N, vocabulary]</c>, or <c>[B, T, vocabulary]</c> for all positions.</returns>
    /// <exception cref="ArgumentException">As in <see cref="forward(Tensor)"/>.</exception>
    public LMOutput forward(Tensor inputIds, Tensor? positions)
    {
        CheckIds(inputIds);
        using var scope = NewDisposeScope();
        var (hidden, auxLoss) = Run(_embedding.Embed(inputIds), Positions(inputIds.shape[1], null), selected: positions is null ? null : new Selection(positions));
        return new LMOutput(Project(positions is null ? hidden : hidden.squeeze(0)).MoveToOuterDisposeScope(), auxLoss?.MoveToOuterDisposeScope());
    }

    /// <summary>Runs embedding, blocks and the final norm, without the vocabulary projection.</summary>
    /// <param name="inputIds">Token ids <c>[B, T]</c> int64 on the model's device.</param>
    /// <param name="segments">Lengths of the conversations that lie behind each other in every row (packing); their sum is T. None attends to
    /// another, and positions restart at each. <see langword="null"/>: a row is one conversation.</param>
    /// <returns>Hidden states <c>[B, T, dim]</c> fp32, and the auxiliary loss or <see langword="null"/>.</returns>
    /// <exception cref="ArgumentException">As in <see cref="forward(Tensor)"/>, for each conversation; or the segments do not add up to T.</exception>
    public (Tensor Hidden, Tensor? AuxLoss) ForwardHidden(Tensor inputIds, IReadOnlyList<int>? segments = null)
    {
        var packing = segments is null ? null : new RowPacking(segments);
        CheckIds(inputIds, packing);
        using var scope = NewDisposeScope();
        var (hidden, auxLoss) = Run(_embedding.Embed(inputIds), Positions(inputIds.shape[1], packing), packing: packing);
        return (hidden.MoveToOuterDisposeScope(), auxLoss?.MoveToOuterDisposeScope());
    }

    /// <summary>The vocabulary projection.</summary>
    /// <param name="hidden">Hidden states <c>[…, dim]</c> from <see cref="ForwardHidden"/>.</param>
    /// <returns>Logits <c>[…, vocabulary]</c> fp32.</returns>
    public Tensor Project(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return Modules.Linear.Multiply(hidden, OutputProjection, ComputeType).to_type(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>All weights by the reference's names, a tied one under both of its names (<c>tok_embeddings.weight</c>,
    /// <c>output.weight</c>).</summary>
    /// <param name="destination">The dictionary to fill, or none for a new one.</param>
    /// <param name="prefix">Put before every name.</param>
    /// <returns>The live tensors, not copies.</returns>
    public override Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
    {
        var state = base.state_dict(destination, prefix);
        var start = string.IsNullOrEmpty(prefix) ? string.Empty : prefix + ".";
        if (_output is null)
            state[start + ModelTensor.Output] = state[start + ModelTensor.Embedding];
        return state;
    }

    internal TokenEmbedding Embedding => _embedding;

    /// <summary>The module whose weight <c>[vocabulary, dim]</c> projects.</summary>
    internal ICastable OutputProjection => (ICastable?)_output ?? _embedding;

    /// <summary><see cref="ForwardHidden"/> for training: the token embeddings <c>[B, T, C]</c> are a leaf, so that their gradient can go straight to
    /// the rows of the weight it belongs to, and hidden states <c>[1, N, C]</c> are those of the N selected places.</summary>
    internal (Tensor Embedded, Tensor Hidden, Tensor? AuxLoss) ForwardFromLeaf(Tensor inputIds, RowPacking? packing, Selection selected)
    {
        var embedded_BTC = EmbedAsLeaf(inputIds, packing);
        var (hidden, auxLoss) = Run(embedded_BTC, Positions(inputIds.shape[1], packing), packing: packing, selected: selected);
        return (embedded_BTC, hidden, auxLoss);
    }

    /// <summary><see cref="ForwardFromLeaf"/> with little memory.</summary>
    /// <param name="inputIds">Token ids <c>[B, T]</c>.</param>
    /// <param name="packing">The conversations that share a row; none for one.</param>
    /// <param name="selected">The places whose hidden states are wanted.</param>
    /// <param name="dropoutSeed">Seeds dropout, whose draws are repeated.</param>
    internal RecomputedPass ForwardRecomputed(Tensor inputIds, RowPacking? packing, Selection selected, long dropoutSeed)
    {
        var embedded_BTC = EmbedAsLeaf(inputIds, packing);
        var positions = Positions(inputIds.shape[1], packing);
        Func<Tensor, (Tensor, Tensor?)>[] stages =
        [
            x => (nn.functional.dropout(x, Config.Dropout, training), null),
            .. _layers.Select<TransformerBlock, Func<Tensor, (Tensor, Tensor?)>>((layer, i) =>
                x => layer.Forward(x, positions, packing: packing, selected: i == _layers.Count - 1 ? selected : null)),
            x => (_norm.Forward(x), null),
        ];
        return new RecomputedPass(stages, embedded_BTC, Config.Dropout > 0 ? dropoutSeed : null);
    }

    /// <summary>Blocks and final norm. What is not wanted of the last block is not computed: the result is <c>[1, N, C]</c> for N selected
    /// places, <c>[B, T, C]</c> for none.</summary>
    internal (Tensor Hidden, Tensor? AuxLoss) Run(
        Tensor embedded_BTC,
        Tensor positions,
        IReadOnlyList<LayerCache>? cache = null,
        Tensor? mask = null,
        RowPacking? packing = null,
        Selection? selected = null)
    {
        using var scope = NewDisposeScope();
        var h_BTC = nn.functional.dropout(embedded_BTC, Config.Dropout, training);
        Tensor? auxLoss = null;
        for (var i = 0; i < _layers.Count; i++)
        {
            (h_BTC, var layerLoss) = _layers[i].Forward(h_BTC, positions, cache?[i], mask, packing, i == _layers.Count - 1 ? selected : null);
            if (layerLoss is not null)
                auxLoss = auxLoss is null ? layerLoss : auxLoss + layerLoss;
        }

        return (_norm.Forward(h_BTC).MoveToOuterDisposeScope(), auxLoss?.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // TorchSharp disposes of buffers only if they are persistent.
        if (disposing)
            RotaryTable.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The checks that come before the base class, whose constructor is the first to call libtorch.</summary>
    private static string CheckedName(LMConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        TorchRuntime.EnsureAvailable();
        return nameof(MiniMindLM);
    }

    /// <summary>Keeps the weights cast to <see cref="ComputeType"/> until it is disposed; nested uses share the copies.</summary>
    /// <returns>None in fp32, which needs no copies.</returns>
    internal CastWeights? UseCastWeights(bool forTraining = false)
    {
        if (ComputeType == ScalarType.Float32)
            return null;
        lock (_precision)
            return _castWeights = _castWeights?.TryShare(forTraining) ?? new CastWeights(this, ComputeType, forTraining);
    }

    internal Tensor RotaryTable => get_buffer(RotaryBuffer)!;

    private Tensor EmbedAsLeaf(Tensor inputIds, RowPacking? packing)
    {
        CheckIds(inputIds, packing);
        using var noGrad = no_grad();
        return _embedding.Embed(inputIds).requires_grad_();
    }

    /// <summary>Rotary factors <c>[1, T, 1, D/2]</c>.</summary>
    private Tensor Positions(long length, RowPacking? packing)
    {
        var table = RotaryTable;
        var rows = packing is null
            ? table.narrow(0, 0, length)
            : cat([table.narrow(0, 0, packing.Shared), .. packing.Lengths.Select(count => table.narrow(0, packing.Shared, count))]);
        return rows.view(1, length, 1, -1);
    }

    private void CheckIds(Tensor inputIds, RowPacking? segments = null)
    {
        ArgumentNullException.ThrowIfNull(inputIds);
        if (inputIds.dim() != 2 || inputIds.dtype != ScalarType.Int64)
            throw new ArgumentException($"expected token ids [B, T] of int64, found {inputIds.dtype} [{string.Join(", ", inputIds.shape)}]", nameof(inputIds));
        if (segments is not null && segments.Length != inputIds.shape[1])
            throw new ArgumentException($"the segments hold {segments.Length} tokens; expected as many as a row, {inputIds.shape[1]}", nameof(segments));
        foreach (var count in segments?.Lengths.Select(own => own + segments.Shared) ?? [(int)inputIds.shape[1]])
            if (count < 1 || count > Config.MaxSeqLen)
                throw new ArgumentException(
                    $"expected 1 to {Config.MaxSeqLen} tokens a {(segments is null ? "row" : "segment")} (max_seq_len), found {count}", nameof(inputIds));
    }
}
