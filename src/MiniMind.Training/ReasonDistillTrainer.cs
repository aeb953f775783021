using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>
/// Trains a student on a teacher's written reasoning: batch → forward → tag-weighted loss → backward → clip → rate → AdamW → callbacks →
/// checkpoint. The reference is <c>train_distill_reason.py</c> of jingyaogong/minimind.
/// </summary>
/// <remarks>
/// One run a trainer. A "step" is a micro-batch, as in the reference; the optimizer steps once every
/// <see cref="ReasonDistillOptions.AccumulationSteps"/> of them. Tensor work runs on one thread of the trainer's own; callbacks are awaited between
/// steps. The weights belong to the model, which outlives the trainer.
/// </remarks>
public sealed class ReasonDistillTrainer : IAsyncDisposable
{
    private readonly IReadOnlyList<SftExample> _dataset;
    private readonly ISequenceLoss _loss;
    private readonly ILearningRateSchedule _schedule;
    private readonly ITrainingCallback[] _callbacks;
    private readonly ILogger _logger;
    private readonly ComputeThread _compute = new();
    private readonly TrainingControl _control;
    private readonly Lazy<Task<(BatchLoader Loader, TrainingStep Step)>> _prepared;
    private TrainerPosition _position = new(0, 0, 0);
    private TrainingProgress? _progress;
    private RunStage _stage;
    private string? _resumeFrom;
    private bool _isDisposed;

    /// <summary>Creates a trainer. Nothing is computed and no file is read before the first epoch, which is also when the model moves to the
    /// device.</summary>
    /// <param name="model">The student.</param>
    /// <param name="dataset">Its examples: an <see cref="SftDataset"/> or any other list.</param>
    /// <param name="loss">The loss, such as <see cref="WeightedTagLoss"/>.</param>
    /// <param name="schedule">The learning rate, such as <see cref="CosineSchedule"/>.</param>
    /// <param name="options">Settings, copied; none for the reference's defaults.</param>
    /// <param name="callbacks">Hooks, called in this order.</param>
    /// <param name="logger">Gets a line an epoch and warnings; none for no log.</param>
    /// <exception cref="OptionsValidationException">Settings are wrong; all are named.</exception>
    /// <exception cref="DeviceUnavailableException">The device was named and is not there.</exception>
    /// <exception cref="ArgumentException">The dataset is empty.</exception>
    public ReasonDistillTrainer(
        MiniMindLM model,
        IReadOnlyList<SftExample> dataset,
        ISequenceLoss loss,
        ILearningRateSchedule schedule,
        ReasonDistillOptions? options = null,
        IEnumerable<ITrainingCallback>? callbacks = null,
        ILogger<ReasonDistillTrainer>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(schedule);
        options ??= new ReasonDistillOptions();
        options.Validate();
        if (dataset.Count == 0)
            throw new ArgumentException("the dataset has no examples", nameof(dataset));

        (Model, _dataset, _loss, _schedule) = (model, dataset, loss, schedule);
        Options = options with { Sampling = options.Sampling with { }, Loading = options.Loading with { }, Optimizer = options.Optimizer with { } };
        Device = ComputeDevice.Resolve(options.Device);
        _callbacks = [.. callbacks ?? []];
        _logger = logger ?? NullLogger<ReasonDistillTrainer>.Instance;
        _control = new TrainingControl(this);
        _prepared = new(PrepareAsync);
    }

    private enum RunStage
    {
        NotStarted,
        Running,
        Ended,
    }

    /// <summary>The student.</summary>
    public MiniMindLM Model { get; }

    /// <summary>The run's settings.</summary>
    public ReasonDistillOptions Options { get; }

    /// <summary>Where the run computes.</summary>
    public TorchSharp.torch.Device Device { get; }

    /// <summary>Progress of the last step, or <see langword="null"/> before the first.</summary>
    public TrainingProgress? Progress => _progress;

    /// <summary>Continues from a checkpoint: weights, optimizer, scaler and position in the data. Call it before the first epoch.</summary>
    /// <param name="checkpointDirectory">A folder written by <see cref="SaveCheckpointAsync"/> or <see cref="CheckpointWriter"/>.</param>
    /// <returns>A task that ends when everything is loaded.</returns>
    /// <exception cref="CheckpointException">The folder is no checkpoint, is damaged, or belongs to another model, dataset, batch size, order,
    /// seed or accumulation.</exception>
    /// <exception cref="InvalidOperationException">The run has begun.</exception>
    public async Task ResumeAsync(string checkpointDirectory)
    {
        ArgumentException.ThrowIfNullOrEmpty(checkpointDirectory);
        if (_stage != RunStage.NotStarted)
            throw new InvalidOperationException("the run has begun; resume on a new trainer");
        var (loader, step) = await _prepared.Value.ConfigureAwait(false);
        var saved = await _compute.RunAsync(() => TrainingCheckpoint.Load(checkpointDirectory, this, step, _dataset.Count)).ConfigureAwait(false);
        _position = saved.Batch == loader.BatchesPerEpoch ? saved with { Epoch = saved.Epoch + 1, Batch = 0 } : saved;
        _resumeFrom = checkpointDirectory;
    }

    /// <summary>Runs all epochs that are left.</summary>
    /// <param name="cancellationToken">Ends the run between two steps; what was trained since the last checkpoint stays in the model.</param>
    /// <returns>Losses and counts of this call.</returns>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The run has ended before.</exception>
    public async Task<TrainingResult> RunAsync(CancellationToken cancellationToken = default)
    {
        var total = new TrainingTotals();
        do
            await RunEpochAsync(total, cancellationToken).ConfigureAwait(false);
        while (_stage == RunStage.Running);
        return total.ToResult(_control.StopReason);
    }

    /// <summary>Runs the next epoch, or the rest of the one a checkpoint was taken in. The last of
    /// <see cref="ReasonDistillOptions.Epochs"/> ends the run.</summary>
    /// <param name="cancellationToken">As in <see cref="RunAsync"/>.</param>
    /// <returns>Losses and counts of this call.</returns>
    /// <exception cref="DatasetException">An example cannot be read.</exception>
    /// <exception cref="TrainingDivergedException">The loss or the gradients are not finite.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The run has ended before.</exception>
    public async Task<TrainingResult> RunEpochAsync(CancellationToken cancellationToken = default)
    {
        var total = new TrainingTotals();
        await RunEpochAsync(total, cancellationToken).ConfigureAwait(false);
        return total.ToResult(_control.StopReason);
    }

    private async Task RunEpochAsync(TrainingTotals total, CancellationToken cancellationToken)
    {
        if (_stage == RunStage.Ended)
            throw new InvalidOperationException("the run has ended; create a trainer for another one, or resume from a checkpoint with more epochs");
        try
        {
            var (loader, step) = await _prepared.Value.ConfigureAwait(false);
            var totalSteps = Math.Min((long)Options.Epochs * loader.BatchesPerEpoch, Options.MaxSteps ?? long.MaxValue);
            if (_stage == RunStage.NotStarted)
                await StartAsync(loader, totalSteps, cancellationToken).ConfigureAwait(false);

            await foreach (var group in ReadGroupsAsync(loader, totalSteps, cancellationToken).ConfigureAwait(false))
            {
                for (var i = 0; i < group.Batches.Count; i++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var (batch, rate) = (group.Batches[i], _schedule.GetLearningRate(_position.Step, totalSteps));
                    var endsGroup = group.Steps && i == group.Batches.Count - 1;
                    var outcome = await _compute.RunAsync(() => step.Run(batch, group, rate, endsGroup, _position.Step)).ConfigureAwait(false);

                    total.Add(outcome, batch.Batch);
                    _progress = Advance(outcome, batch.Batch, rate, loader.BatchesPerEpoch, totalSteps);
                    await NotifyStepAsync(cancellationToken).ConfigureAwait(false);
                }

                if (_control.CheckpointRequested)
                    await CheckpointDueAsync(cancellationToken).ConfigureAwait(false);
                if (_control.StopReason is not null)
                    break;
            }

            await FinishEpochAsync(loader, totalSteps, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await EndAsync(e).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Writes a checkpoint: weights, optimizer, scaler, position and options; the folder can also be loaded as a model.</summary>
    /// <param name="directory">Folder to write; it appears whole or not at all, and replaces one of the same name.</param>
    /// <returns>A task that ends when the files are on disk.</returns>
    /// <exception cref="InvalidOperationException">The run is between two micro-batches of one optimizer step; save from
    /// <see cref="ITrainingCallback.OnCheckpointDueAsync"/>, which is only called where it can be done.</exception>
    /// <exception cref="IOException">The files cannot be written.</exception>
    public async Task SaveCheckpointAsync(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var (_, step) = await _prepared.Value.ConfigureAwait(false);
        if (step.IsInsideGroup)
            throw new InvalidOperationException("the run is between two micro-batches of one optimizer step; ask with TrainingControl.RequestCheckpoint");
        await _compute.RunAsync(() => TrainingCheckpoint.Save(directory, this, step, _position, _dataset.Count)).ConfigureAwait(false);
    }

    /// <summary>Frees the optimizer's memory. The model stays usable.</summary>
    /// <returns>A task that ends when it is done.</returns>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (_prepared.IsValueCreated && _prepared.Value.IsCompletedSuccessfully)
        {
            var (_, step) = await _prepared.Value.ConfigureAwait(false);
            await _compute.RunAsync(step.Release).ConfigureAwait(false);
        }

        _compute.Dispose();
    }

    internal Task<T> ComputeAsync<T>(Func<T> work) => _compute.RunAsync(work);

    internal async Task ReportMetricsAsync(IReadOnlyDictionary<string, double> metrics, CancellationToken cancellationToken)
    {
        foreach (var callback in _callbacks)
            await callback.OnMetricsReportedAsync(new(_control, _progress!, metrics, cancellationToken)).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<AccumulationGroup> ReadGroupsAsync(
        BatchLoader loader, long totalSteps, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var left = totalSteps - _position.Step;
        var pending = new List<WeighedBatch>();
        await foreach (var batch in loader.ReadEpochAsync(_position.Epoch, _position.Batch, cancellationToken).ConfigureAwait(false))
        {
            if (left-- == 0)
                break;
            pending.Add(new WeighedBatch(batch, _loss.SelectTargets(batch)));
            if (pending.Count == Options.AccumulationSteps)
            {
                yield return new AccumulationGroup(pending, Options);
                pending = [];
            }
        }

        if (pending.Count > 0)
            yield return new AccumulationGroup(pending, Options);
    }

    private async Task<(BatchLoader Loader, TrainingStep Step)> PrepareAsync()
    {
        var lengths = Options.Sampling.Order != SampleOrder.LengthBucketed ? null
            : _dataset is SftDataset sft ? sft.MeasureLengths()
            : [.. _dataset.Select(e => e.Length)];
        var sampler = new EpochSampler(_dataset.Count, Options.Sampling, lengths);
        var collator = new BatchCollator(
            (_dataset as SftDataset)?.PadTokenId ?? 0,
            Options.Loading.PadToLength,
            Options.Loading.Packs,
            Options.RecurringShape,
            Model.Config.MaxSeqLen);
        var loader = new BatchLoader(_dataset, sampler, collator, Options.Loading);
        return (loader, await _compute.RunAsync(() => new TrainingStep(Model, _loss, Options, Device)).ConfigureAwait(false));
    }

    private async Task StartAsync(BatchLoader loader, long totalSteps, CancellationToken cancellationToken)
    {
        _stage = RunStage.Running;
        TrainerLog.Started(_logger, Model.ParameterCount, Device.ToString(), Options.Precision, _position.Step, totalSteps);
        if (_resumeFrom is not null)
            TrainerLog.Resumed(_logger, _resumeFrom, _position.Step);
        var arguments = new TrainingStartedArguments(_control, Options, loader.BatchesPerEpoch, _position.Step, totalSteps, cancellationToken);
        foreach (var callback in _callbacks)
            await callback.OnTrainingStartedAsync(arguments).ConfigureAwait(false);
    }

    private TrainingProgress Advance(StepOutcome outcome, Batch batch, double rate, int stepsPerEpoch, long totalSteps)
    {
        var progress = new TrainingProgress
        {
            Epoch = _position.Epoch,
            Epochs = Options.Epochs,
            StepInEpoch = _position.Batch,
            StepsPerEpoch = stepsPerEpoch,
            Step = _position.Step,
            TotalSteps = totalSteps,
            LearningRate = rate,
            Loss = outcome.Loss,
            GradientNorm = outcome.GradientNorm,
            OptimizerStepped = outcome.OptimizerStepped,
            AccumulationSteps = Options.AccumulationSteps,
            Tokens = (_progress?.Tokens ?? 0) + batch.TokenCount,
            SupervisedTokens = (_progress?.SupervisedTokens ?? 0) + batch.SupervisedTokens,
            Elapsed = (_progress?.Elapsed ?? TimeSpan.Zero) + outcome.Elapsed,
        };
        _position = _position with { Batch = _position.Batch + 1, Step = _position.Step + 1 };
        return progress;
    }

    private async Task NotifyStepAsync(CancellationToken cancellationToken)
    {
        foreach (var callback in _callbacks)
            await callback.OnStepCompletedAsync(new(_control, _progress!, cancellationToken)).ConfigureAwait(false);
        if (Options.EvaluationInterval > 0 && _position.Step % Options.EvaluationInterval == 0)
            await EvaluationDueAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task FinishEpochAsync(BatchLoader loader, long totalSteps, CancellationToken cancellationToken)
    {
        if (_position.Batch == loader.BatchesPerEpoch)
        {
            _position = _position with { Epoch = _position.Epoch + 1, Batch = 0 };
            TrainerLog.EpochCompleted(_logger, _position.Epoch, Options.Epochs, _progress?.Loss);
            await EvaluationDueAsync(cancellationToken).ConfigureAwait(false);
            foreach (var callback in _callbacks)
                await callback.OnEpochCompletedAsync(new(_control, _progress!, cancellationToken)).ConfigureAwait(false);
            if (_control.CheckpointRequested)
                await CheckpointDueAsync(cancellationToken).ConfigureAwait(false);
        }

        if (_position.Step >= totalSteps || _control.StopReason is not null)
            await EndAsync(exception: null).ConfigureAwait(false);
    }

    private async Task EvaluationDueAsync(CancellationToken cancellationToken)
    {
        foreach (var callback in _callbacks)
            await callback.OnEvaluationDueAsync(new(_control, _progress!, cancellationToken)).ConfigureAwait(false);
    }

    private async Task CheckpointDueAsync(CancellationToken cancellationToken)
    {
        _control.CheckpointRequested = false;
        foreach (var callback in _callbacks)
            await callback.OnCheckpointDueAsync(new(_control, _progress!, cancellationToken)).ConfigureAwait(false);
    }

    private async Task EndAsync(Exception? exception)
    {
        _stage = RunStage.Ended;
        if (exception is null)
            TrainerLog.Ended(_logger, _position.Step, _control.StopReason ?? "all steps done");
        else
            TrainerLog.Failed(_logger, exception, _position.Step);
        foreach (var callback in _callbacks)
            await callback.OnTrainingEndedAsync(new(_control, _progress, exception)).ConfigureAwait(false);
    }
}
