using System.Diagnostics;
using MiniMind.Modules;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>The tensor work of a run: one micro-batch forward and backward, and at a group's end the optimizer. All of it on one thread, each
/// call in one dispose scope from which only plain numbers leave.</summary>
internal sealed class TrainingStep
{
    private readonly MiniMindLM _model;
    private readonly ProjectedLoss _loss;
    private readonly CastWeights? _castWeights;
    private readonly ReasonDistillOptions _options;
    private readonly Device _device;
    private readonly ScalarType _formerComputeType;
    private readonly bool _computesFewest;

    public TrainingStep(MiniMindLM model, ISequenceLoss loss, ReasonDistillOptions options, Device device)
    {
        (_model, _options, _device) = (model, options, device);
        _formerComputeType = model.ComputeType;
        model.to(device);
        model.ComputeType = options.Precision switch
        {
            TrainingPrecision.BFloat16 => ScalarType.BFloat16,
            TrainingPrecision.Float16 => ScalarType.Float16,
            _ => ScalarType.Float32,
        };
        _loss = new ProjectedLoss(model, loss, options.ProjectionChunk);
        // CUDA's attention kernels take whole conversations only.
        _computesFewest = device.type == DeviceType.CPU && !model.Config.UseMoe && model.Config.Dropout == 0;
        Parameters = new FlatParameters(model);
        // What the weights lay in before belongs to the thread that made the model; this one would not use it.
        TorchRuntime.ReturnFreedMemory();
        _castWeights = model.UseCastWeights(forTraining: true);
        Optimizer = new AdamW(Parameters, options.Optimizer);
        Scaler = new GradientScaler(options.Precision == TrainingPrecision.Float16);
    }

    public FlatParameters Parameters { get; }

    public AdamW Optimizer { get; }

    public GradientScaler Scaler { get; }

    /// <summary>Whether gradients wait for more micro-batches of their group.</summary>
    public bool IsInsideGroup { get; private set; }

    /// <summary>Whether <see cref="FlatParameters.Gradients"/> holds what a dropped group left for the next one.</summary>
    public bool HasLeftoverGradients { get; set; }

    public StepOutcome Run(WeighedBatch batch, AccumulationGroup group, double learningRate, bool endsGroup, long step)
    {
        var watch = Stopwatch.StartNew();
        using var scope = NewDisposeScope();
        var reads = step % _options.LogInterval == 0;
        _model.train();
        if (_model.Config.Dropout > 0)
            manual_seed(DropoutSeed(step)).Dispose();

        // Here and not after the optimizer: a checkpoint or a callback may have changed the weights in between.
        if (batch == group.Batches[0])
            _castWeights?.Refresh();
        var loss = ForwardBackward(batch, group, readsLoss: reads, step);
        IsInsideGroup = !endsGroup && group.Batches[^1] != batch;
        HasLeftoverGradients = !endsGroup && !IsInsideGroup;
        var (norm, stepped) = endsGroup ? ClipAndStep(learningRate, reads, step) : (null, false);
        return new StepOutcome(loss, norm, stepped, watch.Elapsed);
    }

    public bool Release()
    {
        _castWeights?.Dispose();
        Optimizer.Dispose();
        Parameters.Dispose();
        _model.ComputeType = _formerComputeType;
        return true;
    }

    private double? ForwardBackward(WeighedBatch weighed, AccumulationGroup group, bool readsLoss, long step)
    {
        var needed = NeededTokens.Of(weighed.Batch, weighed.Targets, _options.RoundUp, _model.Config.MaxSeqLen, _computesFewest);
        var targets = needed.Targets;
        var ids_BT = OnDevice(tensor(needed.Ids, [needed.Rows, needed.Length]));
        var selected = new Selection(OnDevice(tensor(targets.Positions)), needed.Queries);
        var recomputed = _options.RecomputeActivations ? _model.ForwardRecomputed(ids_BT, needed.Packing, selected, DropoutSeed(step)) : null;
        var (embedded_BTC, hidden_1NC, auxLoss) = recomputed is null
            ? _model.ForwardFromLeaf(ids_BT, needed.Packing, selected)
            : (recomputed.Input, recomputed.Output, recomputed.AuxLoss);
        var hidden_NC = hidden_1NC.squeeze(0);

        var toZeros = !IsInsideGroup && !HasLeftoverGradients;
        var (sum, gradient_NC) = _loss.ForwardBackward(
            hidden_NC, OnDevice(tensor(targets.Labels)), OnDevice(tensor(targets.Weights)), group.TokenLossShare(targets) * Scaler.Scale, toZeros);
        var auxGradient = group.AuxLossShare * Scaler.Scale;
        BackwardMemory.OnlyPass(() =>
        {
            if (auxLoss is null || recomputed is not null)
                autograd.backward([hidden_NC], [gradient_NC]);
            else
                autograd.backward([hidden_NC, auxLoss], [gradient_NC, full_like(auxLoss, auxGradient)]);
            recomputed?.Backward(auxGradient);
        });
        _model.Embedding.AddGradient(ids_BT, embedded_BTC.grad!);
        _castWeights?.CollectGradients(toZeros);
        if (!readsLoss)
            return null;

        var reported = (sum / targets.Divisor).item<float>() + (auxLoss?.item<float>() ?? 0);
        return float.IsFinite(reported) || Scaler.Enabled ? reported : throw new TrainingDivergedException("loss", step, reported);
    }

    private (double? Norm, bool Stepped) ClipAndStep(double learningRate, bool readsNorm, long step)
    {
        using var noGrad = no_grad();
        if (Scaler.Enabled)
            Parameters.Gradients.div_(Scaler.Scale);
        var norm = Parameters.GradientNorm();
        double? read = readsNorm || Scaler.Enabled ? norm.item<float>() : null;
        var finite = read is null || double.IsFinite(read.Value);
        if (!finite && !Scaler.Enabled)
            throw new TrainingDivergedException("gradient norm", step, read!.Value);
        if (finite)
            Optimizer.Step(learningRate, _options.GradientClip > 0 ? ((norm + 1e-6) / _options.GradientClip).clamp_min(1) : null);

        Scaler.Update(finite);
        Parameters.Gradients.zero_();
        return (readsNorm ? read : null, finite);
    }

    /// <summary>Pinned memory lets CUDA copy without stopping the host.</summary>
    private Tensor OnDevice(Tensor host) =>
        _device.type == DeviceType.CUDA ? host.pin_memory().to(_device, non_blocking: true) : host;

    /// <summary>Mixes seed and step (SplitMix64's constant), so that neighbouring steps draw unrelated masks.</summary>
    private long DropoutSeed(long step) => unchecked((_options.Seed + step) * (long)0x9E3779B97F4A7C15 >> 1);
}
