using System.Runtime.InteropServices;
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
/// fp32. Inference passes may run concurrently. While a trainer's run is on, the model is the run's: texts are generated, and weights saved and
/// loaded, on the run's thread between two of its steps; <see cref="ForwardHidden"/> itself does not wait for the run.
/// </remarks>
/// <example>
/// <!-- snippet: example-model -->
/// <code>
/// using var model = new MiniMindLM(LMConfig.Small with { VocabSize = tokenizer.VocabSize }, seed: 1337);
/// Console.WriteLine($"{model.ParameterCount / 1e6:F1} million parameters");
/// model.SaveModel("student", new() { Tokenizer = tokenizer });
/// using var again = ModelWeights.LoadModel("student");
/// </code>
/// </example>
public sealed class MiniMindLM : nn.Module<Tensor, LMOutput>, IGenerativeModel
{
    private const string RotaryBuffer = "pos_cis";

    [ComponentName(Name = "tok_embeddings")]
    private readonly TokenEmbedding _embedding;
    [ComponentName(Name = "layers")]
    private readonly ModuleList<TransformerBlock> _layers;
    [ComponentName(Name = "norm")]
    private readonly RmsNorm _norm;
    [ComponentName(Name = "output")]
    private readonly Linear? _output;
    private readonly ComputePrecision _precision;
    private CastWeights? _castWeights;
    private PackedWeights? _packedWeights;

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
        _precision = new ComputePrecision(config.Dim, config.ResolvedHiddenDim);
        using var generator = seed is null ? null : new Generator((ulong)seed.Value);
        _embedding = new TokenEmbedding(config, generator);
        _layers = new ModuleList<TransformerBlock>(
            [.. Enumerable.Range(0, config.NLayers).Select(layer => new TransformerBlock(config, layer, _precision, generator))]);
        _norm = new RmsNorm(config.Dim, config.NormEps);
        if (config.UntiedOutput)
            _output = new Linear(config.Dim, config.VocabSize, _precision, generator);
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

    /// <summary>Scores every position: <see cref="ForwardHidden"/>, then <see cref="Project"/>. In training mode (<c>train()</c>) it is a pass for training.</summary>
    /// <param name="input">Token ids <c>[B, T]</c> int64 on the model's device.</param>
    /// <returns>Logits <c>[B, T, vocabulary]</c> and the auxiliary loss.</returns>
    /// <exception cref="ArgumentException">The ids are not a <c>[B, T]</c> int64 tensor, T is 0 or above the configured maximum, or an id is none of the
    /// vocabulary's (as for <see cref="ForwardHidden"/>).</exception>
    public override LMOutput forward(Tensor input)
    {
        var (hidden, auxLoss) = ForwardHidden(new ForwardInput(input) { IsTraining = training });
        using (hidden)
            return new LMOutput { Logits = Project(hidden), AuxLoss = auxLoss };
    }

    /// <summary>Runs embedding, blocks and the final norm, without the vocabulary projection. What the wanted positions do not need of the last block is
    /// not computed.</summary>
    /// <param name="input">Token ids, and what is wanted of them.</param>
    /// <returns>Hidden states <c>[B, T, dim]</c> fp32, or <c>[N, dim]</c> for N wanted positions, and the auxiliary loss of a mixture of experts, a scalar
    /// that is given in training only.</returns>
    /// <exception cref="ArgumentException">The ids are not a <c>[B, T]</c> int64 tensor, the layout is of another shape, a sequence has no token or
    /// more than the configured maximum, or an id is none of the vocabulary's. Ids on a GPU are not looked at, which would make the host wait for it: there
    /// CUDA ends the process's use of the device at such an id.</exception>
    public (Tensor Hidden, Tensor? AuxLoss) ForwardHidden(in ForwardInput input)
    {
        var layout = CheckedLayout(input);
        using var scope = NewDisposeScope();
        var pass = CreatePass(input, layout);
        var h_BTC = pass.Drop(input.Embeddings ?? _embedding.Embed(input.Ids));
        Tensor? auxLoss = null;
        foreach (var block in _layers)
        {
            // Experts see all positions, because their auxiliary loss is of all.
            var blockPass = block == _layers[^1] && !Config.UseMoe ? pass : pass.OfAllPositions;
            (h_BTC, var blockLoss) = input.RecomputesBlocks ? RecomputedBlock.Forward(block, h_BTC, blockPass) : block.Forward(h_BTC, blockPass);
            if (blockLoss is not null)
                auxLoss = auxLoss is null ? blockLoss : auxLoss.Plus(blockLoss);
        }

        input.Cache?.Advance(layout.Length);
        var hidden_BTC = _norm.Forward(Config.UseMoe ? pass.SelectWanted(h_BTC) : h_BTC, pass.Memory);
        return ((pass.Wanted is null ? hidden_BTC : hidden_BTC.squeeze(0)).MoveToOuterDisposeScope(), auxLoss?.MoveToOuterDisposeScope());
    }

    /// <summary>The vocabulary projection.</summary>
    /// <param name="hidden">Hidden states <c>[…, dim]</c> from <see cref="ForwardHidden"/>.</param>
    /// <returns>Logits <c>[…, vocabulary]</c> fp32.</returns>
    public Tensor Project(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return WeightProduct.Multiply(hidden, OutputProjection, _precision).to_type(ScalarType.Float32).MoveToOuterDisposeScope();
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

    internal ComputePrecision Precision => _precision;

    internal ModelOwnership Ownership { get; } = new();

    /// <summary>Whether a position's hidden state depends on the tokens before it and on nothing else, so that what no wanted position needs may be left
    /// out: neither dropout nor a loss over all positions, and a device whose attention takes single queries.</summary>
    internal bool StatesDependOnPrefixOnly(Device device) =>
        !Config.UseMoe && Config.Dropout == 0 && CausalAttention.TakesSelectedQueries(device);

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

    /// <summary>More rows at a time are no faster on the CPU, and take more memory.</summary>
    int IGenerativeModel.MostSequences => Device.type == DeviceType.CPU ? 64 : int.MaxValue;

    /// <summary>On the thread on which the weights do not change.</summary>
    T IGenerativeModel.Use<T>(Func<T> work) => Ownership.Use(work);

    IDecodingSession IGenerativeModel.BeginSession(IReadOnlyList<int[]> prompts) => new DecodingSession(this, prompts);

    /// <summary>Keeps the weights cast to <see cref="ComputeType"/> until it is disposed; nested uses share the copies.</summary>
    /// <returns>None in fp32, which needs no copies.</returns>
    internal CastWeights? UseCastWeights(bool forTraining = false)
    {
        if (ComputeType == ScalarType.Float32)
            return null;
        lock (_precision)
            return _castWeights = _castWeights?.TryShare(forTraining) ?? new CastWeights(this, ComputeType, forTraining);
    }

    /// <summary>Keeps the weights, which must not change meanwhile, in the form that is fastest for products without gradients, until it is disposed.</summary>
    /// <returns>None where they are as fast as they are.</returns>
    internal IDisposable? UseFixedWeights()
    {
        if (!PackedWeights.Suit(_precision, Device))
            return UseCastWeights();
        lock (_precision)
            return _packedWeights = _packedWeights?.TryShare() ?? new PackedWeights(this, ComputeType);
    }

    internal Tensor RotaryTable => get_buffer(RotaryBuffer)!;

    private ForwardPass CreatePass(in ForwardInput input, SequenceLayout layout)
    {
        var rotary = input.Cache?.SelectFactors(RotaryTable, layout.Length) ?? RotaryEmbedding.SelectFactors(RotaryTable, layout);
        var wanted = layout.Wanted is null ? null : tensor([.. layout.Wanted]).to(Device);
        if (input.RecomputesBlocks)
        {
            // The backward pass reads them again.
            rotary.MoveToOuterDisposeScope();
            wanted?.MoveToOuterDisposeScope();
        }

        return new ForwardPass
        {
            Layout = layout,
            Rotary = rotary,
            Wanted = wanted,
            Cache = input.Cache,
            CacheMask = input.Cache?.PrepareMask(layout.Length),
            IsTraining = input.IsTraining,
            Dropout = input.IsTraining && Config.Dropout > 0 ? new Dropout(Config.Dropout, input.DropoutGenerator) : null,
            Memory = input.Memory,
        };
    }

    private SequenceLayout CheckedLayout(in ForwardInput input)
    {
        var ids = input.Ids;
        ArgumentNullException.ThrowIfNull(ids, nameof(input));
        if (ids.dim() != 2 || ids.dtype != ScalarType.Int64)
            throw new ArgumentException($"expected token ids [B, T] of int64, found {ids.dtype} [{string.Join(", ", ids.shape)}]", nameof(input));
        var (rows, length) = ((int)ids.shape[0], (int)ids.shape[1]);
        var layout = input.Layout ?? SequenceLayout.Full(rows, length);
        if (layout.Rows != rows || layout.Length != length)
            throw new ArgumentException($"the layout is of [{layout.Rows}, {layout.Length}]; expected that of the ids, [{rows}, {length}]", nameof(input));
        var longest = layout.IsPacked ? layout.SharedPrefix + layout.Sequences.Max(s => s.Length) : length;
        if (length < 1 || longest > Config.MaxSeqLen)
            throw new ArgumentException($"expected 1 to {Config.MaxSeqLen} tokens in a sequence (max_seq_len), found {longest}", nameof(input));
        if (input.Embeddings is null && ids.device.type == DeviceType.CPU)
            RequireKnown(input);
        return layout;
    }

    private void RequireKnown(in ForwardInput input)
    {
        using var contiguous = input.Ids.contiguous();
        var length = contiguous.shape[1];
        var ids = MemoryMarshal.Cast<byte, long>(contiguous.bytes);
        if (ids.IndexOfAnyExceptInRange(0, Config.VocabSize - 1) is >= 0 and var at)
            throw new ArgumentException(
                $"row {at / length} holds the id {ids[at]} at position {at % length}; expected 0 to {Config.VocabSize - 1}, the ids of the vocabulary (vocab_size)", nameof(input));
    }
}
