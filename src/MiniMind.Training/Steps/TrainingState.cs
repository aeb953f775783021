using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>What changes with a run besides the model's weights: position, optimizer, loss scale, and gradients that a dropped group left for the next one.
/// Only the run's compute thread changes it, so that whoever reads it there sees the state of one moment.</summary>
internal sealed class TrainingState(MiniMindLM model, ReasonDistillOptions options) : IDisposable
{
    /// <summary>File that holds the state's tensors.</summary>
    public const string TensorFile = "optimizer.safetensors";

    private const string GradientPrefix = "grad";

    /// <summary>Weights that are read at a time for their checksum.</summary>
    private const long ChecksumPart = 1 << 24;

    public FlatParameters Parameters { get; } = new(model);

    public IOptimizer Optimizer => field ??= new AdamW(Parameters, options.Optimizer);

    public GradientScaler Scaler { get; } = new(options.Precision == TrainingPrecision.Float16);

    public TrainingPosition Position { get; set; }

    /// <summary>What callbacks have changed of the settings; it holds from the next group on.</summary>
    public RunAdjustments Adjustments { get; set; } = RunAdjustments.None;

    /// <summary>Whether <see cref="FlatParameters.Gradients"/> holds what a dropped group left for the next one.</summary>
    public bool HasLeftoverGradients { get; set; }

    /// <summary>Writes the tensors: the optimizer's <c>exp_avg.*</c> and <c>exp_avg_sq.*</c>, and <c>grad.*</c> where a dropped group left gradients.</summary>
    public void Save(string path)
    {
        using var scope = NewDisposeScope();
        SafeTensors.Write(
            path,
            Buffers(HasLeftoverGradients).SelectMany(b => Parameters.Split(b.Buffer).Select(t => KeyValuePair.Create($"{b.Prefix}.{t.Key}", t.Value))));
    }

    /// <exception cref="TrainingDivergedException">A weight is infinite or not a number.</exception>
    public void RequireFiniteWeights()
    {
        using var scope = NewDisposeScope();
        var largest = Parameters.Weights.norm(float.PositiveInfinity).item<float>();
        if (!float.IsFinite(largest))
            throw new TrainingDivergedException("largest weight after", Position.Step, largest);
    }

    /// <summary>A number below 2^53 that is the same where all weights are, to the last bit (FNV-1a over their bits).</summary>
    public long WeightsChecksum()
    {
        var (hash, count) = (0xCBF29CE484222325UL, Parameters.Weights.numel());
        for (var start = 0L; start < count; start += ChecksumPart)
        {
            using var scope = NewDisposeScope();
            foreach (var bits in MemoryMarshal.Cast<byte, uint>(Parameters.Weights.narrow(0, start, Math.Min(ChecksumPart, count - start)).cpu().bytes))
                hash = (hash ^ bits) * 0x100000001B3;
        }

        return (long)(hash >> 11);
    }

    /// <summary>What all ranks of a run must have alike: the weights and the optimizer's buffers.</summary>
    public IEnumerable<Tensor> CommonTensors => [Parameters.Weights, .. Optimizer.Buffers.Values];

    /// <summary>Reads the tensors of <see cref="Save"/>; nothing changes before the result is called.</summary>
    /// <returns>Puts what was read into its place; call it in the same dispose scope.</returns>
    /// <exception cref="InvalidDataException">A tensor is missing or of another shape.</exception>
    /// <exception cref="WeightFileException">The file is damaged.</exception>
    public Action Load(string path)
    {
        using var file = SafeTensorsFile.Open(path);
        var hasGradients = file.Tensors.Keys.Any(name => name.StartsWith(GradientPrefix + ".", StringComparison.Ordinal));
        var read = Buffers(hasGradients).Select(b => (Target: b.Buffer, Source: Gather(file, b.Prefix))).ToList();
        return () =>
        {
            foreach (var (target, source) in read)
                target.copy_(source);
            HasLeftoverGradients = hasGradients;
        };
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Parameters.Dispose();
    }

    private IEnumerable<(string Prefix, Tensor Buffer)> Buffers(bool withGradients)
    {
        foreach (var (prefix, buffer) in Optimizer.Buffers)
            yield return (prefix, buffer);
        if (withGradients)
            yield return (GradientPrefix, Parameters.Gradients);
    }

    /// <summary>One flat buffer from the file's tensors of a prefix.</summary>
    private Tensor Gather(SafeTensorsFile file, string prefix)
    {
        var buffer = empty_like(Parameters.Weights);
        foreach (var (parameter, view) in Parameters.Split(buffer))
        {
            var name = $"{prefix}.{parameter}";
            if (!file.Tensors.TryGetValue(name, out var found))
                throw new InvalidDataException($"{TensorFile} lacks {name}");
            if (!found.Shape.SequenceEqual(view.shape))
                throw new InvalidDataException($"{TensorFile} has {name} of [{string.Join(", ", found.Shape)}]; expected [{string.Join(", ", view.shape)}]");
            view.copy_(file.Read(name));
        }

        return buffer;
    }
}
