using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>A checkpoint folder: <c>config.json</c> and <c>model.safetensors</c> (so it is a model directory too), <c>optimizer.safetensors</c> (AdamW's
/// <c>exp_avg.*</c> and <c>exp_avg_sq.*</c>, and <c>grad.*</c> where a dropped group left gradients) and <c>trainer.json</c>.</summary>
internal static class TrainingCheckpoint
{
    public const string StateFile = "trainer.json";
    public const string OptimizerFile = "optimizer.safetensors";

    private const string MeanPrefix = "exp_avg.";
    private const string VariancePrefix = "exp_avg_sq.";
    private const string GradientPrefix = "grad.";

    public static bool Save(string directory, ReasonDistillTrainer trainer, TrainingStep step, TrainerPosition position, int datasetCount)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var (temporary, replaced) = ($"{target}.{Guid.NewGuid():N}.tmp", $"{target}.{Guid.NewGuid():N}.old");
        try
        {
            trainer.Model.SaveModel(temporary);
            using (NewDisposeScope())
                SafeTensorsFile.Write(Path.Combine(temporary, OptimizerFile), OptimizerTensors(step));
            AtomicFile.WriteAllText(Path.Combine(temporary, StateFile), StateOf(trainer, step, position, datasetCount).ToJson());
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

        return true;
    }

    public static TrainerPosition Load(string directory, ReasonDistillTrainer trainer, TrainingStep step, int datasetCount)
    {
        var state = ReadState(directory);
        var differences = state.DifferencesFrom(trainer.Options, datasetCount).ToList();
        if (differences.Count > 0)
            throw new CheckpointException(directory, $"belongs to another run: {string.Join("; ", differences)}");
        try
        {
            var config = LMConfig.FromFile(Path.Combine(directory, ModelWeights.ConfigFile));
            if (config != trainer.Model.Config)
                throw new CheckpointException(directory, $"holds another model: {config}; this one is {trainer.Model.Config}");
            using var noGrad = no_grad();
            using var scope = NewDisposeScope();
            using var optimizer = SafeTensorsFile.Open(Path.Combine(directory, OptimizerFile));
            var hasGradients = optimizer.Tensors.Keys.Any(n => n.StartsWith(GradientPrefix, StringComparison.Ordinal));
            var buffers = new List<(Tensor Target, Tensor Source)>
            {
                (step.Optimizer.Mean, Gather(directory, optimizer, step, MeanPrefix)),
                (step.Optimizer.Variance, Gather(directory, optimizer, step, VariancePrefix)),
            };
            if (hasGradients)
                buffers.Add((step.Parameters.Gradients, Gather(directory, optimizer, step, GradientPrefix)));

            // Nothing of the run changes before everything has been read.
            trainer.Model.LoadWeights(directory);
            foreach (var (target, source) in buffers)
                target.copy_(source);
            step.Optimizer.StepCount = state.OptimizerSteps;
            step.HasLeftoverGradients = hasGradients;
            (step.Scaler.Scale, step.Scaler.GoodSteps, step.Scaler.SkippedSteps) =
                (state.LossScale, state.LossScaleGoodSteps, state.LossScaleSkippedSteps);
        }
        catch (Exception e) when (e is FileNotFoundException or (MiniMindException and not CheckpointException))
        {
            throw new CheckpointException(directory, $"cannot be loaded: {e.Message.TrimEnd('.')}", e);
        }

        return new TrainerPosition(state.Epoch, state.Batch, state.Step);
    }

    private static CheckpointState ReadState(string directory)
    {
        var path = Path.Combine(directory, StateFile);
        if (!File.Exists(path))
            throw new CheckpointException(directory, $"is no checkpoint; expected a file {StateFile} in it");
        try
        {
            return CheckpointState.FromJson(File.ReadAllText(path));
        }
        catch (JsonException e)
        {
            throw new CheckpointException(directory, $"{StateFile} cannot be read: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static CheckpointState StateOf(ReasonDistillTrainer trainer, TrainingStep step, TrainerPosition position, int datasetCount) => new()
    {
        FormatVersion = CheckpointState.CurrentVersion,
        Epoch = position.Epoch,
        Batch = position.Batch,
        Step = position.Step,
        OptimizerSteps = step.Optimizer.StepCount,
        LossScale = step.Scaler.Scale,
        LossScaleGoodSteps = step.Scaler.GoodSteps,
        LossScaleSkippedSteps = step.Scaler.SkippedSteps,
        DatasetCount = datasetCount,
        Options = trainer.Options,
    };

    private static IEnumerable<KeyValuePair<string, Tensor>> OptimizerTensors(TrainingStep step)
    {
        IEnumerable<KeyValuePair<string, Tensor>> Named(string prefix, Tensor buffer) =>
            step.Parameters.Split(buffer).Select(t => new KeyValuePair<string, Tensor>(prefix + t.Key, t.Value));

        var tensors = Named(MeanPrefix, step.Optimizer.Mean).Concat(Named(VariancePrefix, step.Optimizer.Variance));
        return step.HasLeftoverGradients ? tensors.Concat(Named(GradientPrefix, step.Parameters.Gradients)) : tensors;
    }

    /// <summary>One flat buffer from the file's tensors of a prefix.</summary>
    private static Tensor Gather(string directory, SafeTensorsFile file, TrainingStep step, string prefix)
    {
        var buffer = empty_like(step.Parameters.Weights);
        foreach (var (name, view) in step.Parameters.Split(buffer))
        {
            if (!file.Tensors.TryGetValue(prefix + name, out var found))
                throw new CheckpointException(directory, $"{OptimizerFile} lacks {prefix}{name}");
            if (!found.Shape.SequenceEqual(view.shape))
                throw new CheckpointException(
                    directory,
                    $"{OptimizerFile} has {prefix}{name} of [{string.Join(", ", found.Shape)}]; expected [{string.Join(", ", view.shape)}]");
            view.copy_(file.Read(prefix + name));
        }

        return buffer;
    }
}
