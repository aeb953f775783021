using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>
/// Trains a student on a teacher's written reasoning: batch → forward → tag-weighted loss → backward → clip → rate → AdamW → callbacks →
/// checkpoint. The reference is <c>train_distill_reason.py</c> of jingyaogong/minimind.
/// </summary>
/// <remarks>
/// A trainer does one run. A "step" is a micro-batch, as in the reference (<see cref="TrainingProgress.Step"/>); the optimizer steps once every
/// <see cref="ReasonDistillOptions.AccumulationSteps"/> of them, and such a group is done whole or not at all. Tensor work runs on one thread of the
/// trainer's own; callbacks are awaited between groups. The weights belong to the model, which outlives the trainer; from its first epoch until its run
/// is over or it is disposed, no other trainer may have the model.
/// </remarks>
/// <example>
/// <!-- snippet: example-trainer -->
/// <code>
/// await using var trainer = new ReasonDistillTrainer(
///     model,
///     dataset,
///     new WeightedTagLoss(tokenizer),
///     new CosineSchedule(5e-4),
///     new ReasonDistillOptions { Epochs = 3 },
///     [new ConsoleProgress(stepInterval: 10)]);
/// TrainingResult result = await trainer.RunAsync(cancellationToken);
/// Console.WriteLine($"{result.Steps} steps, loss {result.FirstLoss:F3} to {result.LastLoss:F3}");
/// </code>
/// </example>
public sealed class ReasonDistillTrainer : IAsyncDisposable, IDisposable
{
    /// <summary>Name of the <see cref="System.Diagnostics.ActivitySource"/> and the <see cref="System.Diagnostics.Metrics.Meter"/> of trainings.</summary>
    public const string TelemetryName = TrainingTelemetry.Name;

    private readonly IReadOnlyList<SftExample> _dataset;
    private readonly ISequenceLoss _loss;
    private readonly ILearningRateSchedule _schedule;
    private readonly CallbackList _callbacks;
    private readonly ILogger _logger;
    private readonly ILogger _faultLogger;
    private readonly ComputeThread _compute = new();
    private readonly RunRanks _ranks;
    private readonly RunControl _control;
    private readonly RunGate _gate;
    private readonly TrainingTelemetry _telemetry;
    private readonly SemaphoreSlim _preparing = new(1);
    private readonly Lazy<Task<DatasetContent?>> _content;
    private (GroupReader Groups, TrainingStep Step)? _prepared;
    private TrainingProgress? _progress;
    private RunStage _stage;
    private string? _resumeFrom;

    /// <summary>Creates a trainer. Nothing is computed and no file is read before the first epoch, which is also when the model moves to the
    /// device.</summary>
    /// <param name="model">The student.</param>
    /// <param name="dataset">Its examples: an <see cref="SftDataset"/> or any other list.</param>
    /// <param name="loss">The loss, such as <see cref="WeightedTagLoss"/>.</param>
    /// <param name="schedule">The learning rate, such as <see cref="CosineSchedule"/>.</param>
    /// <param name="options">Settings, copied; none for the reference's defaults.</param>
    /// <param name="callbacks">Hooks, called in this order.</param>
    /// <param name="logger">Gets a line for each epoch and warnings, on ranks other than 0 only what ended the run; none for no log.</param>
    /// <param name="collective">This process among those that train the model together (data parallel); none for this process alone. Rank and world size of
    /// <see cref="ReasonDistillOptions.Sampling"/> are taken from it, and where the device is auto or cuda, the number of the GPU (its local rank). It is not disposed.</param>
    /// <exception cref="OptionsValidationException">Settings are wrong; all are named.</exception>
    /// <exception cref="DeviceUnavailableException">The device was named and is not there.</exception>
    /// <exception cref="ArgumentException">The dataset is empty, its tokenizer has more tokens than the model, or the options name another world size than the
    /// collective.</exception>
    public ReasonDistillTrainer(
        MiniMindLM model,
        IReadOnlyList<SftExample> dataset,
        ISequenceLoss loss,
        ILearningRateSchedule schedule,
        ReasonDistillOptions? options = null,
        IEnumerable<ITrainingCallback>? callbacks = null,
        ILogger<ReasonDistillTrainer>? logger = null,
        ICollective? collective = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(schedule);
        options ??= new ReasonDistillOptions();
        options.Validate();
        if (dataset.Count == 0)
            throw new ArgumentException("the dataset has no examples", nameof(dataset));
        if (dataset is SftDataset { Tokenizer.VocabSize: var tokens } && tokens > model.Config.VocabSize)
            throw new ArgumentException($"the dataset's tokenizer has {tokens} tokens, the model {model.Config.VocabSize}; expected at most as many", nameof(dataset));

        (Model, _dataset, _loss, _schedule) = (model, dataset, loss, schedule);
        Options = options with { Sampling = RunRanks.Share(options.Sampling, collective), Loading = options.Loading with { }, Optimizer = options.Optimizer with { } };
        Device = ComputeDevice.Resolve(options.Device, collective?.LocalRank ?? 0);
        _ranks = new RunRanks(collective ?? SingleProcess.Instance, _compute);
        var isFirst = _ranks.Group.Rank == 0;
        _faultLogger = logger ?? NullLogger<ReasonDistillTrainer>.Instance;
        _logger = isFirst ? _faultLogger : NullLogger<ReasonDistillTrainer>.Instance;
        _callbacks = new CallbackList((callbacks ?? []).Where(c => isFirst || c.RunOnEveryRank), _faultLogger);
        // Reading all examples may take long; it is done when a checkpoint is first written or read.
        _content = new(() => Task.Run(() => DatasetContent.TryRead(_dataset)));
        _control = new RunControl(this, _ranks.Group);
        _telemetry = new TrainingTelemetry(() => RunId, _ranks.Group.Rank, _ranks.Group.WorldSize);
        _gate = new RunGate(ReleaseAsync);
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

    /// <summary>The run's name, 32 hexadecimal digits; a checkpoint's once it is resumed. Checkpoints and metrics carry it.</summary>
    public string RunId { get; private set; } = Guid.NewGuid().ToString("N");

    /// <summary>Progress of the last step, or <see langword="null"/> before the first.</summary>
    public TrainingProgress? Progress => _progress;

    /// <summary>Continues from a checkpoint: weights, optimizer, scaler and position in the data. Call it before the first epoch.</summary>
    /// <remarks>
    /// <para>Given a run's folder, it takes the newest checkpoint in it that is whole and of this run, and logs a warning for each that it passes over. A checkpoint
    /// that is named itself must be whole.</para>
    /// <para>What decides the data of a step or what is computed of it must be as it was: examples, tokenizer, loss, precision, seed, packing, batch size, order and
    /// accumulation; examples may be appended where <see cref="ResumeOptions"/> say so. What may be meant to change (epochs, steps, schedule, the optimizer's
    /// constants, clipping) or changes no more than the last bits (device, sizes of parts, padding) is taken, with a warning that names old and new.
    /// docs/checkpoints.md lists all of it.</para>
    /// <para>On several ranks rank 0 reads the checkpoint and gives the others what it read when the run begins; on them the call does nothing, and the folder need not be
    /// there. The number of ranks may be another one than the checkpoint's if that was taken at the end of an epoch.</para>
    /// </remarks>
    /// <param name="checkpointDirectory">A folder written by <see cref="SaveCheckpointAsync(string, CancellationToken)"/>, or the folder of a
    /// <see cref="CheckpointWriter"/>.</param>
    /// <param name="cancellationToken">Ends the loading; cancelled before everything has been read, nothing has changed.</param>
    /// <returns>A task that ends when everything is loaded.</returns>
    /// <exception cref="CheckpointException">The folder is no checkpoint and holds none, is damaged, or belongs to another model, dataset or run.</exception>
    /// <exception cref="DatasetException">As for <see cref="RunEpochAsync"/>, of examples in memory.</exception>
    /// <exception cref="InvalidOperationException">The run has begun, or the model belongs to another trainer.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, or the trainer disposed meanwhile.</exception>
    public Task ResumeAsync(string checkpointDirectory, CancellationToken cancellationToken) =>
        ResumeAsync(checkpointDirectory, options: null, cancellationToken);

    /// <summary>Continues from a checkpoint, where asked for with what has changed since.</summary>
    /// <param name="checkpointDirectory">As above.</param>
    /// <param name="options">What may have changed; none for nothing.</param>
    /// <param name="cancellationToken">As above.</param>
    /// <inheritdoc cref="ResumeAsync(string, CancellationToken)" path="/remarks"/>
    /// <inheritdoc cref="ResumeAsync(string, CancellationToken)" path="/returns"/>
    /// <inheritdoc cref="ResumeAsync(string, CancellationToken)" path="/exception"/>
    public async Task ResumeAsync(string checkpointDirectory, ResumeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(checkpointDirectory);
        options = options is null ? new ResumeOptions() : options with { };
        using var call = _gate.Enter(cancellationToken);
        if (_stage != RunStage.NotStarted)
            throw new InvalidOperationException("the run has begun; resume on a new trainer");
        if (_ranks.Group.Rank != 0)
            return;
        var (groups, step) = await PrepareAsync().ConfigureAwait(false);
        var run = await DescribeRunAsync(call.Token).ConfigureAwait(false);
        var token = call.Token;
        var loaded = await ComputeAsync(() =>
        {
            token.ThrowIfCancellationRequested();
            var loaded = RunFolder.Load(checkpointDirectory, Model, step.State, run, options, problem => TrainerLog.PassedOver(_logger, problem), token);
            var before = groups.Plan.With(loaded.Saved.StretchesFor(Options.Sampling.WorldSize));
            // Checkpoints of format 1 may stand behind an epoch's last batch.
            step.State.Position = step.State.Position.Advance(0, before);
            // Together with the position, so that no checkpoint has one without the other.
            _prepared = (groups.With(before.GrowTo(_dataset.Count, step.State.Position.NextEpoch)), step);
            _control.Adopt(step.State.Adjustments);
            return loaded;
        }).ConfigureAwait(false);
        SayGrowth(loaded);
        foreach (var difference in loaded.Differences)
            TrainerLog.Differs(_logger, loaded.Directory, difference.Name, difference.Saved, difference.Now);
        if (_control.Adjustments != RunAdjustments.None)
            TrainerLog.Adjusted(_logger, loaded.Directory, _control.LearningRateScale, _control.GradientClip, _control.AccumulationSteps);
        RunId = loaded.Saved.RunId ?? RunId;
        _resumeFrom = loaded.Directory;
    }

    /// <summary>Runs all epochs that are left.</summary>
    /// <param name="cancellationToken">Ends the run between two optimizer steps; what was trained since the last checkpoint stays in the model, and
    /// <see cref="SaveCheckpointAsync(string, CancellationToken)"/> can still save it, and a <see cref="CheckpointWriter"/> does.</param>
    /// <returns>Losses and counts of this call.</returns>
    /// <inheritdoc cref="RunEpochAsync" path="/exception"/>
    public async Task<TrainingResult> RunAsync(CancellationToken cancellationToken = default)
    {
        using var call = _gate.Enter(cancellationToken);
        var total = new TrainingTotals();
        do
            await TrainEpochAsync(total, call.Token).ConfigureAwait(false);
        while (_stage == RunStage.Running);
        return total.ToResult(_control.AgreedStopReason);
    }

    /// <summary>Runs the next epoch, or the rest of the one a checkpoint was taken in. The last of
    /// <see cref="ReasonDistillOptions.Epochs"/> ends the run.</summary>
    /// <param name="cancellationToken">As in <see cref="RunAsync"/>.</param>
    /// <returns>Losses and counts of this call.</returns>
    /// <exception cref="DatasetException">An example cannot be read, has no supervised token, holds an id that the model does not have, or is longer than
    /// the model takes; it is named.</exception>
    /// <exception cref="TrainingDivergedException">The loss, the gradients or, at a checkpoint, the weights are not finite.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled, or the trainer disposed meanwhile, on this rank or another.</exception>
    /// <exception cref="RankException">Another rank failed, the ranks were started with different things, or their weights differ.</exception>
    /// <exception cref="CollectiveException">The ranks cannot reach each other any more.</exception>
    /// <exception cref="InvalidOperationException">The run has ended before, another call of this trainer is running, the model belongs to another
    /// trainer, the schedule gives a rate that is negative or not finite, or the loss selects what the model does not have.</exception>
    /// <exception cref="ObjectDisposedException">The trainer is disposed.</exception>
    public async Task<TrainingResult> RunEpochAsync(CancellationToken cancellationToken = default)
    {
        using var call = _gate.Enter(cancellationToken);
        var total = new TrainingTotals();
        await TrainEpochAsync(total, call.Token).ConfigureAwait(false);
        return total.ToResult(_control.AgreedStopReason);
    }

    private async Task TrainEpochAsync(TrainingTotals total, CancellationToken cancellationToken)
    {
        if (_stage == RunStage.Ended)
            throw new InvalidOperationException("the run has ended; create a trainer for another one, or resume from a checkpoint with more epochs");
        var (groups, step) = _stage == RunStage.NotStarted
            ? await AssembleAsync(cancellationToken).ConfigureAwait(false)
            : await PrepareAsync().ConfigureAwait(false);
        using var activity = _telemetry.Begin("epoch");
        try
        {
            if (_stage == RunStage.NotStarted)
                await StartAsync(groups, step.State.Position, cancellationToken).ConfigureAwait(false);

            var start = step.State.Position;
            activity?.SetTag("minimind.epoch", start.Epoch + 1);
            await foreach (var group in groups.ReadEpochAsync(start, cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var outcome = await ComputeAsync(() => step.Run(group, cancellationToken)).ConfigureAwait(false);
                _telemetry.QueueHas(groups.ReadyBatches);
                if (outcome.SkippedSteps > 0)
                {
                    TrainerLog.Skipped(_logger, outcome.SkippedSteps, group.End.Step);
                    _telemetry.StepsSkipped(outcome.SkippedSteps);
                }

                var isEvaluationDue = false;
                for (var i = 0; i < group.MicroBatches.Count; i++)
                {
                    _progress = Describe(group, i, outcome, groups);
                    total.Add(_progress, outcome.Tokens[i], outcome.Elapsed[i]);
                    _telemetry.StepDone(_progress, outcome.Tokens[i], outcome.SupervisedTokens[i], outcome.Elapsed[i]);
                    isEvaluationDue |= Options.EvaluationInterval > 0 && _progress.Step % Options.EvaluationInterval == 0;
                    await _callbacks.NotifyAsync(c => c.OnStepCompletedAsync(new() { Control = _control, Progress = _progress, CancellationToken = cancellationToken })).ConfigureAwait(false);
                }

                if (isEvaluationDue)
                    await EvaluateAsync(cancellationToken).ConfigureAwait(false);
                await AgreeAsync(Options.WeightsCheckInterval).ConfigureAwait(false);
                await SaveIfRequestedAsync(cancellationToken).ConfigureAwait(false);
                if (_control.AgreedStopReason is not null)
                    break;
            }

            await FinishEpochAsync(start, step.State.Position, groups.TotalSteps, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (_stage != RunStage.Ended)
        {
            TrainingTelemetry.Fail(activity, e);
            await _ranks.JoinAsync(e, cancellationToken).ConfigureAwait(false);
            var isCancelled = e is OperationCanceledException && (cancellationToken.IsCancellationRequested || _ranks.Group.WasCancelled);
#pragma warning disable CA1031 // The caller gets what ended the run; what its end brought besides is kept with it.
            try
            {
                await EndAsync(step.State.Position.Step, e, isCancelled).ConfigureAwait(false);
            }
            catch (Exception fault)
            {
                e.Data[CallbackList.EndExceptionsKey] ??= new List<Exception> { fault };
            }
#pragma warning restore CA1031
            throw;
        }
    }

    /// <summary>Writes a checkpoint: weights, optimizer, scaler, position and options, and the tokenizer of an <see cref="SftDataset"/>; the folder can also be loaded as a model. Weights and position are
    /// those of one moment between two optimizer steps, whichever thread asks and whether the run goes on, was cancelled or has ended. On several ranks rank 0
    /// writes; on the others nothing is done.</summary>
    /// <param name="directory">Folder to write; it appears whole or not at all, and replaces a checkpoint of the same name in one step. Other files in it
    /// stay.</param>
    /// <param name="cancellationToken">Cancelled before the checkpoint is complete, nothing is written.</param>
    /// <returns>A task that ends when the files are on disk.</returns>
    /// <exception cref="TrainingDivergedException">The weights are not finite; nothing was written.</exception>
    /// <exception cref="DatasetException">As for <see cref="RunEpochAsync"/>, of examples in memory.</exception>
    /// <exception cref="InvalidOperationException">The model belongs to another trainer.</exception>
    /// <exception cref="ObjectDisposedException">The trainer is disposed.</exception>
    /// <exception cref="IOException">The files cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task SaveCheckpointAsync(string directory, CancellationToken cancellationToken) =>
        SaveCheckpointAsync(directory, tokenizer: null, cancellationToken);

    /// <summary>Writes a checkpoint with a given tokenizer, where the examples do not come from an <see cref="SftDataset"/>, which knows its own.</summary>
    /// <param name="directory">As for <see cref="SaveCheckpointAsync(string, CancellationToken)"/>.</param>
    /// <param name="tokenizer">Saved with it; none for the dataset's.</param>
    /// <param name="cancellationToken">As there.</param>
    /// <returns>A task that ends when the files are on disk.</returns>
    /// <inheritdoc cref="SaveCheckpointAsync(string, CancellationToken)" path="/exception"/>
    public async Task SaveCheckpointAsync(string directory, MiniMindTokenizer? tokenizer = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (_ranks.Group.Rank != 0)
            return;
        var (_, step) = await PrepareAsync().ConfigureAwait(false);
        var run = await DescribeRunAsync(cancellationToken).ConfigureAwait(false);
        using var activity = _telemetry.Begin("checkpoint");
        var (watch, bytes) = (Stopwatch.StartNew(), 0L);
        await ComputeAsync(() =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            run = run with { Stretches = _prepared!.Value.Groups.Plan.Stretches };
            // What a callback has set in this very step holds from the next one on, which a resumed run begins with.
            step.State.Adjustments = _control.Adjustments;
            bytes = TrainingCheckpoint.Save(directory, Model, step.State, run, tokenizer ?? (_dataset as SftDataset)?.Tokenizer, cancellationToken);
            return true;
        }).ConfigureAwait(false);
        _telemetry.CheckpointWritten(watch.Elapsed, bytes);
    }

    /// <summary>Ends a run that is going on, after its current optimizer step, and frees the optimizer's memory. The model stays usable.</summary>
    /// <returns>A task that ends when it is done; called from a callback, the run ends after it.</returns>
    public ValueTask DisposeAsync() => _gate.DisposeAsync();

    /// <summary>Does what <see cref="DisposeAsync"/> does and waits for it.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Steps done, whether or not callbacks have been told of all of them.</summary>
    internal long StepsDone => _prepared?.Step.State.Position.Step ?? 0;

    internal Task<T> ComputeAsync<T>(Func<T> work) => _compute.RunAsync(work);

    internal Task ReportMetricsAsync(IReadOnlyDictionary<string, double> metrics, CancellationToken cancellationToken)
    {
        _telemetry.Reported(metrics);
        return _callbacks.NotifyAsync(c => c.OnMetricsReportedAsync(new() { Control = _control, Progress = _progress!, Metrics = metrics, CancellationToken = cancellationToken }));
    }

    private async Task<(GroupReader Groups, TrainingStep Step)> PrepareAsync()
    {
        await _preparing.WaitAsync().ConfigureAwait(false);
        try
        {
            _gate.ThrowIfClosed();
            if (_prepared is { } prepared)
                return Model.Ownership.IsOwner(this) ? prepared : throw new InvalidOperationException("the model belongs to another trainer now");
            Model.Ownership.Claim(this, _compute, giveUp: () => _compute.RunAsync(DisposeStep).GetAwaiter().GetResult());
            var lengths = !Options.Sampling.NeedsLengths ? null
                : _dataset is SftDataset sft ? sft.MeasureLengths()
                : [.. _dataset.Select(e => e.Length)];
            var check = new ExampleCheck(Model.Config, _dataset);
            check.RequireAllInMemory();
            // A list of the application's own need not stand being read while batches are made of it.
            if (_dataset is not (SftDataset or List<SftExample> or SftExample[]))
                await _content.Value.ConfigureAwait(false);
            var collator = new BatchCollator(
                (_dataset as SftDataset)?.PadTokenId ?? 0, Options.Loading.PadToLength, Options.Loading.PackSequences, Options.Rounding, Model.Config.MaxSeqLen);
            var loader = new BatchLoader(_dataset, new EpochPlan(_dataset.Count, Options.Sampling, lengths), collator, Options.Loading, check);
            var groups = new GroupReader(loader, _loss, _schedule, Options, Model, Device, () => _prepared!.Value.Step.State.Adjustments);
            var step = await ComputeAsync(() => new TrainingStep(Model, _loss, Options, Device, _ranks.Group)).ConfigureAwait(false);
            _prepared = (groups, step);
            return (groups, step);
        }
        catch when (_prepared is null)
        {
            Model.Ownership.Release(this);
            throw;
        }
        finally
        {
            _preparing.Release();
        }
    }

    /// <summary>Makes everything ready for the first step, on several ranks such that all start from rank 0's run.</summary>
    private async Task<(GroupReader Groups, TrainingStep Step)> AssembleAsync(CancellationToken cancellationToken)
    {
        if (_ranks.IsAlone)
            return await PrepareAsync().ConfigureAwait(false);
        _ranks.Group.RequireTogether();
        var ((groups, step), run) = await _ranks.TogetherAsync(
            async () => (await PrepareAsync().ConfigureAwait(false), await DescribeRunAsync(cancellationToken).ConfigureAwait(false)), cancellationToken).ConfigureAwait(false);
        // Of a run that is not resumed: the other ranks do not know the checkpoint yet.
        var fresh = run with { TotalSteps = groups.With(groups.Plan.With([new DataStretch(0, _dataset.Count)])).TotalSteps };
        var computesFp32 = Options.Precision == TrainingPrecision.Float32 && Device.type == TorchSharp.DeviceType.CPU;
        var own = await ComputeAsync(() => SharedRun.Of(
            RunId, _resumeFrom, run.Stretches, step.State, computesFp32 ? Model.Precision.Fp32Products.Library : null)).ConfigureAwait(false);
        var shared = await _ranks.ShareAsync(RunFingerprint.Of(fresh, Model.Config, Device.type), step.State, own).ConfigureAwait(false);
        (RunId, _resumeFrom) = (shared.RunId, shared.ResumedFrom);
        if (shared.Fp32Library is { } library && library != Model.Precision.Fp32Products.Library)
            Model.Precision.Fp32Products = new Fp32Products(library, 0, 0);
        _prepared = (groups.With(groups.Plan.With(shared.Stretches)), step);
        return _prepared.Value;
    }

    private async Task StartAsync(GroupReader groups, TrainingPosition start, CancellationToken cancellationToken)
    {
        _stage = RunStage.Running;
        // On ranks other than 0, which did not read the checkpoint.
        _control.Adopt(_prepared!.Value.Step.State.Adjustments);
        TrainerLog.Started(_logger, Model.ParameterCount, Device.ToString(), Options.Precision, start.Step, groups.TotalSteps);
        if (Options.Precision == TrainingPrecision.Float32 && Device.type == TorchSharp.DeviceType.CPU)
        {
            var products = await ComputeAsync(() => Model.Precision.Fp32Products).ConfigureAwait(false);
            TrainerLog.Products(_logger, products.Library, products.OneDnnRate / 1e9, products.MklRate / 1e9);
        }

        if (Options.DropIncompleteAccumulation && groups.Plan.BatchesOf(start.Epoch) < _control.AccumulationSteps)
            TrainerLog.NeverSteps(_logger, groups.Plan.BatchesOf(start.Epoch), _control.AccumulationSteps);
        if (_resumeFrom is not null)
            TrainerLog.Resumed(_logger, _resumeFrom, start.Step);
        await Task.Run(() => DataReport.Write(_logger, _dataset, _loss, cancellationToken), cancellationToken).ConfigureAwait(false);
        var arguments = new TrainingStartedArguments
        {
            Control = _control,
            Options = Options,
            StepsPerEpoch = groups.Plan.BatchesOf(start.Epoch),
            StartStep = start.Step,
            TotalSteps = groups.TotalSteps,
            CancellationToken = cancellationToken,
        };
        await TellAsync(c => c.OnTrainingStartedAsync(arguments), cancellationToken).ConfigureAwait(false);
        await AgreeAsync().ConfigureAwait(false);
    }

    /// <summary>Says which epoch first visits the examples that were appended since a checkpoint.</summary>
    private void SayGrowth(LoadedCheckpoint loaded)
    {
        var (groups, known) = (_prepared!.Value.Groups, loaded.Saved.DatasetCount);
        if (_dataset.Count == known)
            return;
        var from = groups.Plan.Stretches[^1].FromEpoch;
        if (groups.Plan.StepsBefore(from) < groups.TotalSteps)
            TrainerLog.Grown(_logger, loaded.Directory, known, _dataset.Count - known, from + 1, groups.TotalSteps);
        else
            TrainerLog.GrownInVain(_logger, loaded.Directory, known, _dataset.Count - known, from + 1, Options.Epochs, groups.TotalSteps);
    }

    private TrainingProgress Describe(AccumulationGroup group, int index, GroupOutcome outcome, GroupReader groups)
    {
        var isLast = index == group.MicroBatches.Count - 1;
        return new TrainingProgress
        {
            Epoch = group.Start.Epoch,
            Epochs = Options.Epochs,
            StepInEpoch = group.Start.Batch + index,
            StepsPerEpoch = groups.Plan.BatchesOf(group.Start.Epoch),
            Step = group.Start.Step + index + 1,
            TotalSteps = groups.TotalSteps,
            LearningRate = group.LearningRates[index],
            Loss = outcome.Losses[index],
            LossComponents = outcome.Components[index] is { } values ? _loss.ComponentNames.Zip(values).ToDictionary(c => c.First, c => c.Second) : null,
            GradientNorm = isLast ? outcome.GradientNorm : null,
            OptimizerStepped = isLast && outcome.OptimizerStepped,
            AccumulationSteps = group.AccumulationSteps,
            Tokens = (_progress?.Tokens ?? 0) + outcome.Tokens[index],
            SupervisedTokens = (_progress?.SupervisedTokens ?? 0) + outcome.SupervisedTokens[index],
            Elapsed = (_progress?.Elapsed ?? TimeSpan.Zero) + outcome.Elapsed[index],
        };
    }

    private async Task FinishEpochAsync(TrainingPosition start, TrainingPosition end, long totalSteps, CancellationToken cancellationToken)
    {
        if (end.Epoch > start.Epoch)
        {
            TrainerLog.EpochCompleted(_logger, end.Epoch, Options.Epochs, _progress?.Loss);
            await EvaluateAsync(cancellationToken).ConfigureAwait(false);
            await TellAsync(c => c.OnEpochCompletedAsync(new() { Control = _control, Progress = _progress!, CancellationToken = cancellationToken }), cancellationToken).ConfigureAwait(false);
            await AgreeAsync().ConfigureAwait(false);
            await SaveIfRequestedAsync(cancellationToken).ConfigureAwait(false);
        }

        if (end.Step >= totalSteps || _control.AgreedStopReason is not null)
            await EndAsync(end.Step, exception: null).ConfigureAwait(false);
    }

    private async Task EvaluateAsync(CancellationToken cancellationToken)
    {
        using var activity = _telemetry.Begin("evaluate");
        await TellAsync(c => c.OnEvaluationDueAsync(new() { Control = _control, Progress = _progress!, CancellationToken = cancellationToken }), cancellationToken).ConfigureAwait(false);
    }

    private async Task SaveIfRequestedAsync(CancellationToken cancellationToken)
    {
        if (!_control.TakeCheckpointRequest())
            return;
        await TellAsync(c => c.OnCheckpointDueAsync(new() { Control = _control, Progress = _progress!, CancellationToken = cancellationToken }), cancellationToken).ConfigureAwait(false);
        await AgreeAsync().ConfigureAwait(false);
    }

    /// <summary>Brings what callbacks ask for before all ranks; what they have changed holds from then on.</summary>
    private async Task AgreeAsync(int weightsCheckInterval = 0)
    {
        var state = _prepared!.Value.Step.State;
        await _ranks.AgreeAsync(_control, state, weightsCheckInterval).ConfigureAwait(false);
        state.Adjustments = _control.Adjustments;
    }

    /// <summary>Tells the callbacks of something that may take long; the other ranks wait for it.</summary>
    private Task TellAsync(Func<ITrainingCallback, ValueTask> hook, CancellationToken cancellationToken) =>
        _ranks.TogetherAsync(() => _callbacks.NotifyAsync(hook), cancellationToken);

    /// <summary>All callbacks are told. What one of them throws then is the run's exception only where the run has none.</summary>
    private async Task EndAsync(long step, Exception? exception, bool isCancelled = false)
    {
        _stage = RunStage.Ended;
        try
        {
            if (exception is null)
                TrainerLog.Ended(_logger, step, _control.AgreedStopReason ?? "all steps done");
            else if (isCancelled)
                TrainerLog.Cancelled(_logger, step);
            else
                TrainerLog.Failed(_faultLogger, exception, step);
        }
        finally
        {
            try
            {
                var arguments = new TrainingEndedArguments { Control = _control, Progress = _progress, Exception = exception };
                if (exception is null)
                    await _ranks.TogetherAsync(() => _callbacks.EndAsync(arguments), CancellationToken.None).ConfigureAwait(false);
                else
                    await _callbacks.EndAsync(arguments).ConfigureAwait(false);
            }
            finally
            {
                // A rank that ended its process now could end rank 0's, which may still be writing what was done.
                if (exception is not null)
                    await _ranks.WaitAsync().ConfigureAwait(false);
                Model.Ownership.EndRun(this);
            }
        }
    }

    private async Task<RunDescription> DescribeRunAsync(CancellationToken cancellationToken)
    {
        return new RunDescription
        {
            RunId = RunId,
            Options = Options,
            Stretches = _prepared!.Value.Groups.Plan.Stretches,
            Content = await _content.Value.WaitAsync(cancellationToken).ConfigureAwait(false),
            TokenizerSha256 = (_dataset as SftDataset)?.TokenizerSha256,
            Loss = _loss,
            Schedule = _schedule,
            TotalSteps = _prepared.Value.Groups.TotalSteps,
            Device = Device.ToString(),
        };
    }

    private async Task ReleaseAsync()
    {
        if (Model.Ownership.IsOwner(this))
            await ComputeAsync(DisposeStep).ConfigureAwait(false);
        Model.Ownership.Release(this);
        _compute.Dispose();
    }

    private bool DisposeStep()
    {
        _prepared?.Step.Dispose();
        return true;
    }
}
