using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>The tensor work of a run, one optimizer step at a time: the micro-batches of a group forward and backward, then clipping and the optimizer.
/// All of it on one thread, each call in one dispose scope from which only plain numbers leave.</summary>
internal sealed class TrainingStep : IDisposable
{
    /// <summary>How far the dropout seeds of two ranks lie apart: hundreds of millions of steps in the low 32 bits, which are all that torch's generator on the CPU takes of
    /// a seed.</summary>
    private const long RankStride = unchecked((long)0xD1342543DE82EF95);

    private readonly MiniMindLM _model;
    private readonly ProjectedLoss _loss;
    private readonly CastWeights? _castWeights;
    private readonly ReasonDistillOptions _options;
    private readonly RankGroup _ranks;
    private readonly Device _device;
    private readonly ScalarType _formerComputeType;
    private readonly BackwardMemory _memory = new();
    private readonly Generator _dropoutGenerator;
    private readonly FiniteGuard _guard;

    public TrainingStep(MiniMindLM model, ISequenceLoss loss, ReasonDistillOptions options, Device device, RankGroup? ranks = null)
    {
        (_model, _options, _device, _ranks) = (model, options, device, ranks ?? new RankGroup(SingleProcess.Instance));
        _formerComputeType = model.ComputeType;
        model.to(device);
        model.ComputeType = options.Precision switch
        {
            TrainingPrecision.BFloat16 => ScalarType.BFloat16,
            TrainingPrecision.Float16 => ScalarType.Float16,
            _ => ScalarType.Float32,
        };
        _loss = new ProjectedLoss(model.OutputProjection, model.Precision, loss.Sum, options.ProjectionChunk, loss.ComponentNames.Count);
        State = new TrainingState(model, options);
        // What the weights lay in before belongs to the thread that made the model; this one would not use it.
        TorchRuntime.ReturnFreedMemory();
        _castWeights = model.UseCastWeights(forTraining: true);
        _dropoutGenerator = new Generator(0, device);
        _guard = new FiniteGuard(State, options, device);
    }

    public TrainingState State { get; }

    /// <summary>Does a group's micro-batches and, unless the group is dropped, one optimizer step, and moves the state behind them.</summary>
    /// <exception cref="TrainingDivergedException">The loss or the gradients are not finite; weights and optimizer are as before.</exception>
    /// <exception cref="RankException">Another rank failed.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled between two micro-batches, or another rank was.</exception>
    /// <remarks>After any exception it is as if the group had not begun.</remarks>
    public GroupOutcome Run(AccumulationGroup group, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        // Here and not after the optimizer: a checkpoint or a callback may have changed the weights in between.
        _castWeights?.Refresh();
        var isLogged = Enumerable.Range(0, group.MicroBatches.Count).Any(i => IsDue(group.Start.Step + i));
        // Once this group's gradients are added to them, what a dropped group left cannot be told from them any more.
        var leftover = State.HasLeftoverGradients ? State.Parameters.Gradients.clone() : null;
        try
        {
            if (!_ranks.IsAlone)
                group = group.Among(_ranks.WorldSize, SumDivisors(group));
            var (sums, elapsed) = AccumulateGradients(group, cancellationToken);
            return Finish(group, isLogged, CombineRanks(group, sums), elapsed);
        }
        catch
        {
            if (leftover is null)
                State.Parameters.Gradients.zero_();
            else
                State.Parameters.Gradients.copy_(leftover);
            throw;
        }
    }

    private GroupOutcome Finish(AccumulationGroup group, bool isLogged, GroupSums sums, List<TimeSpan> elapsed)
    {
        // The group's gradients are complete.
        var watch = Stopwatch.StartNew();
        var losses = sums.Losses;
        var (norm, stepped, skipped) = group.StepsOptimizer ? ClipAndStep(group, losses, isLogged) : (null, false, 0);
        State.HasLeftoverGradients = !group.StepsOptimizer;
        State.Position = group.End;
        elapsed[^1] += watch.Elapsed;
        return new GroupOutcome(
            [.. losses.Select((loss, i) => IsDue(group.Start.Step + i) ? (double?)loss.item<float>() : null)],
            [.. losses.Select((_, i) => sums.Components.Count > 0 && IsDue(group.Start.Step + i) ? ToDoubles(sums.Components[i]) : null)],
            sums.Tokens,
            sums.SupervisedTokens,
            elapsed,
            norm,
            stepped,
            skipped);
    }

    public void Dispose()
    {
        _castWeights?.Dispose();
        _guard.Dispose();
        State.Dispose();
        _dropoutGenerator.Dispose();
        _model.ComputeType = _formerComputeType;
    }

    /// <summary>Whether the loss of the step after so many is reported, as the reference reports it.</summary>
    private bool IsDue(long stepsBefore) => stepsBefore % _options.LogInterval == 0;

    /// <summary>What the losses of all ranks are divided by, which must be known before the first of them goes backward.</summary>
    private double SumDivisors(AccumulationGroup group) =>
        _options.Normalization == LossNormalization.AccumulationGroup ? _ranks.Agree(addend: group.Divisor).Sum : group.Divisor;

    /// <summary>Sums gradients, losses and tokens up over all ranks. What a dropped group leaves for the next one is then kept by rank 0, so that it is added
    /// once, and rank 0's checkpoints hold it.</summary>
    private GroupSums CombineRanks(AccumulationGroup group, GroupSums sums)
    {
        if (_ranks.IsAlone)
            return sums;
        using var noGrad = no_grad();
        var numbers = sums.ToTensor();
        _ranks.Agree();
        _ranks.Sum(numbers);
        _ranks.Sum(State.Parameters.Gradients);
        if (!group.StepsOptimizer && _ranks.Rank != 0)
            State.Parameters.Gradients.zero_();
        return GroupSums.FromTensor(numbers, group.MicroBatches.Count, _ranks.WorldSize, _device);
    }

    private (GroupSums Sums, List<TimeSpan> Elapsed) AccumulateGradients(AccumulationGroup group, CancellationToken cancellationToken)
    {
        var (losses, components, elapsed) = (new List<Tensor>(), new List<Tensor>(), new List<TimeSpan>());
        var accumulates = State.HasLeftoverGradients;
        foreach (var microBatch in group.MicroBatches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            NativeWork.StopIfProcessExits();
            var watch = Stopwatch.StartNew();
            using var scope = NewDisposeScope();
            var (loss, parts) = ForwardBackward(microBatch, group, accumulates, group.Start.Step + losses.Count);
            losses.Add(loss.MoveToOuterDisposeScope());
            if (parts is not null)
                components.Add(parts.MoveToOuterDisposeScope());
            accumulates = true;
            elapsed.Add(watch.Elapsed);
        }

        return (GroupSums.Of(group, losses, components), elapsed);
    }

    /// <summary>Adds a micro-batch's share of the gradients.</summary>
    /// <returns>Its own loss, a scalar, and the loss's components <c>[C]</c>, where it reports any.</returns>
    private (Tensor Loss, Tensor? Components) ForwardBackward(MicroBatch microBatch, AccumulationGroup group, bool accumulates, long stepsBefore)
    {
        var layout = microBatch.Layout;
        var ids_BT = OnDevice(tensor(microBatch.Ids, [layout.Rows, layout.Length]));
        // A leaf of the graph, so that its gradient can go straight to the rows of the weight that it belongs to.
        var embedded_BTC = _model.Embedding.Embed(ids_BT).detach().requires_grad_();
        _dropoutGenerator.manual_seed(DropoutSeed(stepsBefore));
        var (hidden_NC, auxLoss) = _model.ForwardHidden(new ForwardInput(ids_BT)
        {
            Layout = layout,
            IsTraining = true,
            Embeddings = embedded_BTC,
            DropoutGenerator = _dropoutGenerator,
            Memory = _memory,
            RecomputesBlocks = _options.RecomputeActivations,
        });

        var (sum, gradient_NC) = _loss.ForwardBackward(
            hidden_NC,
            OnDevice(tensor(microBatch.Labels)),
            OnDevice(tensor(microBatch.Weights)),
            group.TokenLossShare(microBatch) * State.Scaler.Scale,
            accumulates);
        if (auxLoss is null)
            autograd.backward([hidden_NC], [gradient_NC]);
        else
            autograd.backward([hidden_NC, auxLoss], [gradient_NC, empty_like(auxLoss).FillInPlace(group.AuxLossShare * State.Scaler.Scale)]);
        _model.Embedding.AddGradient(ids_BT, embedded_BTC.grad!);
        _castWeights?.CollectGradients(accumulates);
        using var noGrad = no_grad();
        var sums = sum.DividedBy(microBatch.Divisor);
        var hasComponents = sums.dim() > 0;
        var loss = hasComponents ? sums[0] : sums;
        return (auxLoss is null ? loss : loss.Plus(auxLoss.detach()), hasComponents ? sums.narrow(0, 1, sums.shape[0] - 1) : null);
    }

    private (double? Norm, bool Stepped, long Skipped) ClipAndStep(AccumulationGroup group, List<Tensor> losses, bool isLogged)
    {
        using var noGrad = no_grad();
        var gradients = State.Parameters.Gradients;
        if (State.Scaler.Enabled)
            gradients.DivideInPlace(State.Scaler.Scale);
        var norm = State.Parameters.GradientNorm();
        var clip = State.Adjustments.GradientClip ?? _options.GradientClip;
        try
        {
            var verdict = _guard.Judge(group, losses, norm, isLogged);
            if (verdict.CallsOptimizer)
                State.Optimizer.Step(
                    group.LearningRates[^1], clip > 0 ? norm.Plus(1e-6).DividedBy(clip).AtLeast(1) : null, verdict.SkipsOnDevice);
            return (isLogged ? norm.item<float>() : null, verdict.CallsOptimizer, verdict.Skipped);
        }
        finally
        {
            gradients.zero_();
        }
    }

    private static double[] ToDoubles(Tensor components) => Array.ConvertAll(components.cpu().contiguous().data<float>().ToArray(), c => (double)c);

    /// <summary>Pinned memory lets CUDA copy without stopping the host.</summary>
    private Tensor OnDevice(Tensor host) =>
        _device.type == DeviceType.CUDA ? host.pin_memory().to(_device, non_blocking: true) : host;

    /// <summary>Mixes seed, step and rank (SplitMix64's constant), so that neighbouring steps draw unrelated masks.</summary>
    private long DropoutSeed(long stepsBefore) => unchecked((_options.Seed + stepsBefore + _ranks.Rank * RankStride) * (long)0x9E3779B97F4A7C15 >> 1);
}
