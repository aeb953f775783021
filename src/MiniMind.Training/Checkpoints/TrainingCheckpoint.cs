using System.Text;
using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>A checkpoint folder: <c>config.json</c> and <c>model.safetensors</c> (so it is a model directory too), the tensors of
/// <see cref="TrainingState"/> and, in <c>trainer.json</c>, the numbers of <see cref="CheckpointState"/> with digests of all files.</summary>
internal static class TrainingCheckpoint
{
    public const string StateFile = "trainer.json";

    /// <summary>Whether a file of such a name is part of a checkpoint; others in the folder are their user's.</summary>
    public static bool Owns(string name) =>
        name is StateFile or TrainingState.TensorFile or ModelWeights.ConfigFile or MiniMindTokenizer.TokenizerFileName or MiniMindTokenizer.SettingsFileName
        || (name.StartsWith("model", StringComparison.Ordinal)
            && (name.EndsWith(".safetensors", StringComparison.Ordinal) || name.EndsWith(WeightFile.IndexSuffix, StringComparison.Ordinal)));

    /// <summary>Writes a checkpoint; one of the same name is there until it is replaced as a whole.</summary>
    /// <returns>The bytes of its tensors and other files, this description left out.</returns>
    /// <exception cref="TrainingDivergedException">The weights are not finite; nothing was written.</exception>
    /// <exception cref="IOException">The files cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing was written.</exception>
    public static long Save(
        string directory, MiniMindLM model, TrainingState state, RunDescription run, MiniMindTokenizer? tokenizer, CancellationToken cancellationToken)
    {
        state.RequireFiniteWeights();
        var bytes = 0L;
        AtomicDirectory.Write(
            directory,
            folder =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                model.WriteModelFiles(folder, new ModelSaveOptions { Tokenizer = tokenizer });
                cancellationToken.ThrowIfCancellationRequested();
                state.Save(Path.Combine(folder, TrainingState.TensorFile));
                cancellationToken.ThrowIfCancellationRequested();
                var files = Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).ToDictionary(f => Path.GetFileName(f), FileDigest.Of);
                bytes = files.Values.Sum(f => f.Bytes);
                AtomicFile.WriteAllText(
                    Path.Combine(folder, StateFile), CheckpointState.Capture(state, model.Precision.Library(model.Device), run, files).ToJson());
            },
            Owns,
            run.RunId);
        return bytes;
    }

    /// <summary>Puts a checkpoint into a run.</summary>
    /// <exception cref="CheckpointException">The folder is no checkpoint, is damaged, or belongs to another run; nothing has changed.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing has changed.</exception>
    public static LoadedCheckpoint Load(
        string directory, MiniMindLM model, TrainingState state, RunDescription run, ResumeOptions options, CancellationToken cancellationToken)
    {
        var saved = ReadState(directory);
        var differences = RunDifference.Find(saved, run, options);
        if (differences.Any(d => d.IsRefused))
            throw new CheckpointException(directory, $"belongs to another run: {string.Join("; ", differences.Where(d => d.IsRefused))}");
        try
        {
            var config = LMConfig.FromFile(Path.Combine(directory, ModelWeights.ConfigFile));
            if (config != model.Config)
                throw new CheckpointException(directory, $"holds another model: {config}; this one is {model.Config}");
            RequireDigests(directory, saved, cancellationToken);
            using var noGrad = no_grad();
            using var scope = NewDisposeScope();
            // Nothing of the run changes before everything has been read.
            var restoreTensors = state.Load(Path.Combine(directory, TrainingState.TensorFile));
            cancellationToken.ThrowIfCancellationRequested();
            model.LoadWeights(directory);
            restoreTensors();
            saved.Restore(state);
            // So that the run goes on to the last bit; who names a library gets that one.
            // Before it was recorded, it was MKL.
            var library = saved.Fp32Library ?? MatrixLibrary.Mkl;
            if (library != MatrixLibrary.Auto && TorchRuntime.Fp32Library == MatrixLibrary.Auto)
                model.Precision.Fp32Products = new Fp32Products(library, 0, 0);
            return new LoadedCheckpoint(directory, saved, differences);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or (MiniMindException and not CheckpointException))
        {
            throw new CheckpointException(directory, $"cannot be loaded: {e.Message.TrimEnd('.')}", e);
        }
    }

    /// <exception cref="CheckpointException">The folder has no state that can be read.</exception>
    public static CheckpointState ReadState(string directory)
    {
        try
        {
            CommittedFolder.FinishIn(directory);
            var path = Path.Combine(directory, StateFile);
            if (!Path.Exists(path))
                throw new CheckpointException(directory, $"is no checkpoint; expected a file {StateFile} in it");
            var bytes = RegularFile.ReadAllBytes(
                path, CheckpointState.MostFileBytes, (problem, cause) => new CheckpointException(directory, $"{StateFile} cannot be read: {problem}", cause));
            return CheckpointState.FromJson(Encoding.UTF8.GetString(bytes));
        }
        catch (Exception e) when (JsonFault.Is(e) || e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(directory, $"{StateFile} cannot be read: {e.Message.TrimEnd('.')}", e);
        }
    }

    /// <summary>What is wrong with a checkpoint as far as that shows without reading its tensors, or none.</summary>
    public static string? FindFault(string directory, CheckpointState saved)
    {
        if (saved.Files is { } files)
            return files.Select(f => SizeFault(directory, f.Key, f.Value)).FirstOrDefault(f => f is not null);
        try
        {
            // The header of a safetensors file says how long it must be.
            using var weights = WeightFile.Open(directory);
            using var tensors = WeightFile.Open(Path.Combine(directory, TrainingState.TensorFile));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or MiniMindException)
        {
            return e.Message;
        }
    }

    private static string? SizeFault(string directory, string name, FileDigest expected)
    {
        if (name != Path.GetFileName(name))
            return $"{StateFile} lists {MessageText.Quoted(name)}; expected names of files in its own folder";
        var file = new FileInfo(Path.Combine(directory, name));
        return !file.Exists ? $"{name} is missing"
            : file.Length != expected.Bytes ? FormattableString.Invariant($"{name} is damaged: it has {file.Length} bytes; expected {expected.Bytes}")
            : null;
    }

    private static void RequireDigests(string directory, CheckpointState saved, CancellationToken cancellationToken)
    {
        foreach (var (name, expected) in saved.Files ?? new Dictionary<string, FileDigest>())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (SizeFault(directory, name, expected) is { } fault)
                throw new InvalidDataException(fault);
            if (FileDigest.Of(Path.Combine(directory, name)) is var found && found != expected)
                throw new InvalidDataException($"{name} is damaged: its SHA-256 is {found.Sha256}; expected {expected.Sha256}");
        }
    }
}
