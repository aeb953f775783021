using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>Decides for every optimizer step whether its losses and gradients are finite, so that no other reaches the weights. On the CPU it reads them.
/// On CUDA that would make the host wait in every step, so the decision stays on the device, where the optimizer takes it, and is read at the next logged
/// step and at the last; fp16 reads every step, because its loss scale follows.</summary>
internal sealed class FiniteGuard : IDisposable
{
    private readonly TrainingState _state;
    private readonly ReasonDistillOptions _options;
    private readonly bool _decidesOnDevice;
    private readonly Tensor _skipped;
    private readonly Tensor _consecutive;
    private int _skipsInARow;

    public FiniteGuard(TrainingState state, ReasonDistillOptions options, Device device, bool? decidesOnDevice = null)
    {
        (_state, _options) = (state, options);
        _decidesOnDevice = (decidesOnDevice ?? device.type == DeviceType.CUDA) && !state.Scaler.Enabled;
        _skipped = zeros([], ScalarType.Float32, device).DetachFromDisposeScope();
        _consecutive = zeros_like(_skipped).DetachFromDisposeScope();
    }

    /// <summary>Judges one optimizer step before it is taken, by the losses of its micro-batches and the gradient norm, all scalars on the device.</summary>
    /// <exception cref="TrainingDivergedException">A step is not finite and may not be skipped, or too many were.</exception>
    public Verdict Judge(AccumulationGroup group, List<Tensor> losses, Tensor norm, bool isLogged)
    {
        if (_decidesOnDevice)
            return JudgeOnDevice(group, losses, norm, isLogged);
        var value = norm.item<float>();
        var badLoss = _state.Scaler.Enabled ? -1 : losses.FindIndex(loss => !float.IsFinite(loss.item<float>()));
        var isFinite = badLoss < 0 && float.IsFinite(value);
        _state.Scaler.Update(isFinite);
        _skipsInARow = isFinite ? 0 : _skipsInARow + 1;
        if (isFinite)
            return new Verdict(true, null, 0);
        var mayBeSkipped = _state.Scaler.Enabled
            ? !_state.Scaler.IsExhausted
            : _options.NonFinite == NonFinitePolicy.SkipStep && _skipsInARow <= _options.MaxConsecutiveSkips;
        if (!mayBeSkipped)
            throw badLoss < 0
                ? new TrainingDivergedException("gradient norm of", group.End.Step, value)
                : new TrainingDivergedException("loss of", group.Start.Step + badLoss + 1, losses[badLoss].item<float>());
        return new Verdict(false, null, 1);
    }

    public void Dispose()
    {
        _skipped.Dispose();
        _consecutive.Dispose();
    }

    private Verdict JudgeOnDevice(AccumulationGroup group, List<Tensor> losses, Tensor norm, bool isLogged)
    {
        var skips = stack([.. losses, norm]).isfinite().all().logical_not().to_type(ScalarType.Float32);
        _skipped.AddInPlace(skips);
        _consecutive.IncrementInPlace().mul_(skips);
        if (!isLogged && !group.IsLast)
            return new Verdict(true, skips, 0);
        var skipped = (long)_skipped.item<float>();
        _skipsInARow = (int)_consecutive.item<float>();
        _skipped.zero_();
        if (skipped > 0 && (_options.NonFinite == NonFinitePolicy.Throw || _skipsInARow > _options.MaxConsecutiveSkips))
            throw new TrainingDivergedException("gradient norm of", group.End.Step, norm.item<float>(), skipped);
        return new Verdict(_skipsInARow == 0, skips, skipped);
    }

    /// <summary>Whether the optimizer is called, whether it is to change nothing all the same (a scalar on the device, or none), and how many steps were found
    /// to be skipped since the last verdict that was read.</summary>
    internal readonly record struct Verdict(bool CallsOptimizer, Tensor? SkipsOnDevice, long Skipped);
}
