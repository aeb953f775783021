using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MiniMind.Training;

namespace MiniMind.Extensions.Hosting;

/// <summary>Trains while a host runs. A host that stops cancels the run, whose <see cref="CheckpointWriter"/> then saves it, and the next start goes on from there.</summary>
internal sealed partial class TrainingWorker(
    string name,
    IServiceProvider services,
    IReasonDistillTrainerFactory factory,
    IOptionsMonitor<TrainingWorkerOptions> options,
    IOptionsMonitor<TrainerParts> parts,
    IOptionsMonitor<CheckpointWriterOptions> checkpoints,
    IHostApplicationLifetime lifetime,
    ILogger<TrainingWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Reading the data and making the model may take long; the host's start does not wait for it.
        var trainer = await CreateAsync(stoppingToken).ConfigureAwait(false);
        await using var scope = trainer.ConfigureAwait(false);
        if (FindCheckpoint() is { } checkpoint)
            await trainer.ResumeAsync(checkpoint, stoppingToken).ConfigureAwait(false);

        var result = await trainer.RunAsync(stoppingToken).ConfigureAwait(false);
        await SaveLastAsync(trainer).ConfigureAwait(false);
        Done(logger, name, result.Steps, result.LastLoss, result.StopReason ?? "all steps done");
        // Of several ranks, which may see one disk, the first writes.
        if (options.Get(name).OutputDirectory is { } directory && TrainerParts.Find<ICollective>(services, name) is null or { Rank: 0 })
            await Task.Run(() => trainer.Model.SaveModel(directory, new ModelSaveOptions { Tokenizer = Tokenizer }), CancellationToken.None).ConfigureAwait(false);
        if (options.Get(name).StopHostWhenDone)
            lifetime.StopApplication();
    }

    /// <summary>Making the parts cannot be cancelled; a host that stops does not wait for it.</summary>
    private async Task<ReasonDistillTrainer> CreateAsync(CancellationToken stoppingToken)
    {
        var making = Task.Run(() => factory.Create(name), CancellationToken.None);
        try
        {
            return await making.WaitAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = making.ContinueWith(made => made.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>A run that ended within an epoch is saved too, so that the next start does not repeat its last steps.</summary>
    private async Task SaveLastAsync(ReasonDistillTrainer trainer)
    {
        if (!parts.Get(name).WritesCheckpoints)
            return;
        var place = RunFolder.PlaceFor(checkpoints.Get(name).Directory, trainer.StepsDone, trainer.RunId);
        if (!Directory.Exists(place))
            await trainer.SaveCheckpointAsync(place).ConfigureAwait(false);
    }

    private MiniMindTokenizer? Tokenizer => TrainerParts.Find<MiniMindTokenizer>(services, name);

    /// <summary>The folder of checkpoints, if the training writes any and there is one: the trainer takes the newest that is whole.</summary>
    private string? FindCheckpoint() =>
        parts.Get(name).WritesCheckpoints && checkpoints.Get(name).Directory is var folder && CheckpointWriter.FindLatest(folder) is not null ? folder : null;

    [LoggerMessage(50, LogLevel.Information, "Training '{Name}' is over after {Steps} steps of this start, last loss {Loss}: {Reason}")]
    private static partial void Done(ILogger logger, string name, long steps, double? loss, string reason);
}
