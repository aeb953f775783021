namespace MiniMind.Training;

/// <summary>What a callback can see of a run and ask of it.</summary>
public interface ITrainingControl
{
    /// <summary>The model in training. Between steps it may be read and evaluated.</summary>
    MiniMindLM Model { get; }

    /// <summary>The run's name, 32 hexadecimal digits. A run that is resumed keeps it.</summary>
    string RunId { get; }

    /// <summary>This process among those of the run, from 0 (<see cref="ICollective.Rank"/>).</summary>
    int Rank => 0;

    /// <summary>How many processes the run has.</summary>
    int WorldSize => 1;

    /// <summary>Steps done: what a checkpoint written now holds. Callbacks are told of the steps of one optimizer step one after the other, when all of them are
    /// done.</summary>
    long StepsDone { get; }

    /// <summary>Why a callback has asked the run to stop, or <see langword="null"/>.</summary>
    string? StopReason { get; }

    /// <summary>What the schedule's learning rate is multiplied by. Default 1. Set by a callback, it holds from the next optimizer step on; checkpoints hold it, so that a
    /// resumed run goes on with it, whatever its options say. Of several ranks that set something in one step, the settings of the lowest hold on all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is set to a negative number or to one that is not finite.</exception>
    double LearningRateScale { get; set; }

    /// <summary>The norm to which larger gradients are scaled down, 0 for no clipping. Default <see cref="ReasonDistillOptions.GradientClip"/>. Set by a callback, it holds
    /// as <see cref="LearningRateScale"/> does.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is set to a negative number or to one that is not finite.</exception>
    double GradientClip { get; set; }

    /// <summary>Micro-batches of one optimizer step: with the micro-batch's size it makes the size of a batch. Default
    /// <see cref="ReasonDistillOptions.AccumulationSteps"/>. Set by a callback, it holds as <see cref="LearningRateScale"/> does.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is set to less than 1.</exception>
    int AccumulationSteps { get; set; }

    /// <summary>Ends the run after the current optimizer step; it then counts as ended without an exception.</summary>
    /// <param name="reason">Why, for logs and the result.</param>
    void RequestStop(string reason);

    /// <summary>Asks for a checkpoint at the end of the current optimizer step.</summary>
    void RequestCheckpoint();

    /// <summary>Writes a checkpoint now. On several ranks rank 0 writes; on the others nothing is done.</summary>
    /// <param name="directory">Folder to write; it appears whole or not at all, and replaces a checkpoint of the same name in one step. Other files in it
    /// stay.</param>
    /// <param name="cancellationToken">Cancelled before the checkpoint is complete, nothing is written.</param>
    /// <returns>A task that ends when the files are on disk.</returns>
    /// <exception cref="TrainingDivergedException">The weights are not finite; nothing was written.</exception>
    /// <exception cref="IOException">The files cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    Task SaveCheckpointAsync(string directory, CancellationToken cancellationToken);

    /// <summary>Writes a checkpoint with a given tokenizer now, where the examples do not come from an <see cref="SftDataset"/>, which knows its own. On several ranks rank 0 writes; on the others nothing is done.</summary>
    /// <param name="directory">As above.</param>
    /// <param name="tokenizer">Saved with it; none for the dataset's.</param>
    /// <param name="cancellationToken">As above.</param>
    /// <returns>A task that ends when the files are on disk.</returns>
    /// <inheritdoc cref="SaveCheckpointAsync(string, CancellationToken)" path="/exception"/>
    Task SaveCheckpointAsync(string directory, MiniMindTokenizer? tokenizer = null, CancellationToken cancellationToken = default);

    /// <summary>Runs work on the run's compute thread and waits for it: tensor work belongs there, because libtorch keeps a team of worker threads
    /// for every thread that calls it.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="work">Synchronous work; dispose scopes opened in it must be closed in it.</param>
    /// <returns>The work's result.</returns>
    Task<T> ComputeAsync<T>(Func<T> work);

    /// <summary>Tells all callbacks of this rank of measured values.</summary>
    /// <param name="metrics">Names (such as <c>held_out_loss</c>) and values.</param>
    /// <param name="cancellationToken">The run's cancellation.</param>
    /// <returns>A task that ends when all callbacks have seen them.</returns>
    Task ReportMetricsAsync(IReadOnlyDictionary<string, double> metrics, CancellationToken cancellationToken);
}
