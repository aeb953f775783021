using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>A model's weights in safetensors files, under the reference's names.</summary>
public static class ModelWeights
{
    /// <summary>File name of the configuration in a model directory.</summary>
    public const string ConfigFile = "config.json";

    /// <summary>File name of the weights in a model directory.</summary>
    public const string WeightsFile = "model.safetensors";

    private const string EmbeddingName = MiniMindLM.EmbeddingName;
    private const string OutputName = MiniMindLM.OutputName;

    /// <summary>Creates a model from a directory with <c>config.json</c> and <c>model.safetensors</c>.</summary>
    /// <param name="directory">The directory.</param>
    /// <returns>The model on the CPU, in evaluation mode.</returns>
    /// <exception cref="LMConfigException">The configuration is missing or wrong.</exception>
    /// <exception cref="FileNotFoundException">There is no <c>model.safetensors</c>.</exception>
    /// <exception cref="WeightFileException">The weights are malformed.</exception>
    /// <exception cref="WeightMismatchException">The weights are not those of the configured model.</exception>
    public static MiniMindLM LoadModel(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var model = new MiniMindLM(LMConfig.FromFile(Path.Combine(directory, ConfigFile)), seed: 0);
        try
        {
            model.LoadWeights(Path.Combine(directory, WeightsFile));
            model.eval();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Writes <c>config.json</c> and <c>model.safetensors</c> into a directory, which is created if needed. Each file is replaced as a
    /// whole.</summary>
    /// <param name="model">The model.</param>
    /// <param name="directory">The directory.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void SaveModel(this MiniMindLM model, string directory)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Directory.CreateDirectory(directory);
        model.SaveWeights(Path.Combine(directory, WeightsFile));
        AtomicFile.WriteAllText(Path.Combine(directory, ConfigFile), model.Config.ToJson());
    }

    /// <summary>Writes a model's weights; the tied weight once, as <c>tok_embeddings.weight</c>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">File to write; it is replaced as a whole.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveWeights(this MiniMindLM model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var noGrad = no_grad();
        SafeTensorsFile.Write(path, model.state_dict().Where(t => t.Key != OutputName), new Dictionary<string, string> { ["format"] = "pt" });
    }

    /// <summary>Loads weights by name. A file that holds the tied weight under one of its two names is complete.</summary>
    /// <param name="model">The model; unchanged if an exception is thrown.</param>
    /// <param name="path">A safetensors file with the reference's names, in any floating dtype.</param>
    /// <param name="strict">Whether anything missing, unexpected or of another shape is an error; otherwise what fits is loaded and the rest
    /// reported (a warm start).</param>
    /// <returns>What was loaded and what was not.</returns>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="WeightFileException">The file is malformed, or holds two different values for the tied weight.</exception>
    /// <exception cref="WeightMismatchException">The file does not fit and <paramref name="strict"/> is set.</exception>
    public static WeightReport LoadWeights(this MiniMindLM model, string path, bool strict = true)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = SafeTensorsFile.Open(path);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var targets = model.state_dict().Where(t => t.Key != OutputName).ToDictionary();
        var report = Compare(file, targets);
        if (strict && !report.IsComplete)
            throw new WeightMismatchException(path, report);

        var loaded = report.Loaded.ToDictionary(name => name, name => file.Read(SourceName(file, name), CPU, ScalarType.Float32));
        CheckTie(file, path);
        foreach (var (name, tensor) in loaded)
            targets[name].copy_(tensor);
        return report;
    }

    private static string SourceName(SafeTensorsFile file, string name) =>
        name == EmbeddingName && !file.Tensors.ContainsKey(EmbeddingName) ? OutputName : name;

    private static WeightReport Compare(SafeTensorsFile file, Dictionary<string, Tensor> targets)
    {
        List<string> loaded = [], missing = [], mismatched = [];
        foreach (var (name, target) in targets)
        {
            if (!file.Tensors.TryGetValue(SourceName(file, name), out var found))
                missing.Add(name);
            else if (!found.Shape.SequenceEqual(target.shape))
                mismatched.Add($"{name}: file [{string.Join(", ", found.Shape)}], model [{string.Join(", ", target.shape)}]");
            else
                loaded.Add(name);
        }

        return new WeightReport(loaded, missing, [.. file.Tensors.Keys.Where(n => n != OutputName && !targets.ContainsKey(n))], mismatched);
    }

    private static void CheckTie(SafeTensorsFile file, string path)
    {
        if (!file.Tensors.ContainsKey(EmbeddingName) || !file.Tensors.ContainsKey(OutputName))
            return;
        var (embedding, output) = (file.Read(EmbeddingName), file.Read(OutputName));
        if (!embedding.equal(output).all().item<bool>())
            throw new WeightFileException(path, OutputName, $"differs from {EmbeddingName}; expected equal values, because the model ties them");
    }
}
