using System.Text;
using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>A checkpoint folder: <c>config.json</c> and <c>model.safetensors</c> (so it is a model directory too), the tensors of
/// <see cref="TrainingState"/> and, in <c>trainer.json</c>, the numbers of <see cref="CheckpointState"/>.</summary>
internal static class TrainingCheckpoint
{
    public const string StateFile = "trainer.json";

    /// <exception cref="TrainingDivergedException">The weights are not finite; nothing was written.</exception>
    /// <exception cref="IOException">The files cannot be written.</exception>
    public static void Save(string directory, MiniMindLM model, TrainingState state, ReasonDistillOptions options, int datasetCount)
    {
        state.RequireFiniteWeights();
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var (temporary, replaced) = ($"{target}.{Guid.NewGuid():N}.tmp", $"{target}.{Guid.NewGuid():N}.old");
        try
        {
            model.SaveModel(temporary);
            state.Save(Path.Combine(temporary, TrainingState.TensorFile));
            AtomicFile.WriteAllText(Path.Combine(temporary, StateFile), CheckpointState.Capture(state, model.Precision.Library(model.Device), options, datasetCount).ToJson());
            if (Directory.Exists(target))
                Directory.Move(target, replaced);
            Directory.Move(temporary, target);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
            if (Directory.Exists(replaced))
                Directory.Delete(replaced, recursive: true);
        }
    }

    /// <exception cref="CheckpointException">The folder is no checkpoint, is damaged, or belongs to another run; nothing has changed.</exception>
    public static void Load(string directory, MiniMindLM model, TrainingState state, ReasonDistillOptions options, int datasetCount)
    {
        var saved = ReadState(directory);
        var differences = saved.DifferencesFrom(options, datasetCount).ToList();
        if (differences.Count > 0)
            throw new CheckpointException(directory, $"belongs to another run: {string.Join("; ", differences)}");
        try
        {
            var config = LMConfig.FromFile(Path.Combine(directory, ModelWeights.ConfigFile));
            if (config != model.Config)
                throw new CheckpointException(directory, $"holds another model: {config}; this one is {model.Config}");
            using var noGrad = no_grad();
            using var scope = NewDisposeScope();
            // Nothing of the run changes before everything has been read.
            var restoreTensors = state.Load(Path.Combine(directory, TrainingState.TensorFile));
            model.LoadWeights(directory);
            restoreTensors();
            saved.Restore(state);
            // So that the run goes on to the last bit; who names a library gets that one.
            if (saved.Fp32Library != MatrixLibrary.Auto && TorchRuntime.Fp32Library == MatrixLibrary.Auto)
                model.Precision.Fp32Products = new Fp32Products(saved.Fp32Library, 0, 0);
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidDataException or (MiniMindException and not CheckpointException))
        {
            throw new CheckpointException(directory, $"cannot be loaded: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static CheckpointState ReadState(string directory)
    {
        var path = Path.Combine(directory, StateFile);
        if (!File.Exists(path))
            throw new CheckpointException(directory, $"is no checkpoint; expected a file {StateFile} in it");
        try
        {
            var bytes = RegularFile.ReadAllBytes(
                path, CheckpointState.MostFileBytes, (problem, cause) => new CheckpointException(directory, $"{StateFile} cannot be read: {problem}", cause));
            return CheckpointState.FromJson(Encoding.UTF8.GetString(bytes));
        }
        catch (Exception e) when (JsonFault.Is(e))
        {
            throw new CheckpointException(directory, $"{StateFile} cannot be read: {e.Message.TrimEnd('.')}", e);
        }
    }
}
