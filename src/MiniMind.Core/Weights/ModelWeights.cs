using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>A model's weights on disk: MiniMind's published checkpoints of any year, Llama and Qwen3 models in, the reference's and Hugging Face's
/// directories out. For llama.cpp, see <see cref="GgufModel"/>.</summary>
public static class ModelWeights
{
    /// <summary>File name of the configuration in a model directory.</summary>
    public const string ConfigFile = LMConfig.FileName;

    /// <summary>Creates a model from a directory with <c>config.json</c> and weights, from a weight file beside a <c>config.json</c>, or from a GGUF file, which
    /// has its configuration in it. What
    /// formats there are, <see cref="WeightFile.Open"/> and <see cref="LMConfig.FromJson"/> tell; names and layout follow from the tensors.</summary>
    /// <param name="path">The directory or file.</param>
    /// <param name="config">The architecture, for weights without a <c>config.json</c>; it is not read then.</param>
    /// <param name="progress">Told of each tensor read; none by default.</param>
    /// <returns>The model on the CPU in fp32, in evaluation mode.</returns>
    /// <exception cref="LMConfigException">The configuration is missing, wrong, or asks for what this library does not compute.</exception>
    /// <exception cref="IOException">The weights are missing (<see cref="FileNotFoundException"/>) or cannot be read.</exception>
    /// <exception cref="WeightFileException">The weights are malformed or not finite.</exception>
    /// <exception cref="WeightMismatchException">The weights are not those of the configured model.</exception>
    public static MiniMindLM LoadModel(string path, LMConfig? config = null, IProgress<WeightProgress>? progress = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var (opened, fitting) = ModelFiles.Open(path, config);
        using var file = opened;
        config = fitting;
        var match = ModelFiles.Match(file, config, strict: true);
        var model = new MiniMindLM(config, seed: 0);
        try
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            var state = model.state_dict();
            foreach (var (name, value) in Read(match, progress))
                using (value)
                    state[name].copy_(value);
            model.eval();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The architecture of MiniMind weights that have no <c>config.json</c>, as MiniMind's trainers write them: sizes by names and shapes; what
    /// these do not tell (heads, rotary base, epsilon, experts a token) as the generation with such names has it by default. Give the result to
    /// <see cref="LoadModel"/>.</summary>
    /// <param name="path">A weight file or directory, see <see cref="WeightFile.Open"/>.</param>
    /// <param name="heads">Number of query heads, 8 in all of MiniMind's published sizes; with query norms the weights tell it.</param>
    /// <exception cref="WeightFileException">The weights are malformed, or not a MiniMind model's.</exception>
    /// <exception cref="LMConfigException">The sizes are not those of a model with so many heads.</exception>
    /// <exception cref="IOException">The weights are missing (<see cref="FileNotFoundException"/>) or cannot be read.</exception>
    public static LMConfig InferConfig(string path, int heads = 8)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        using var file = FusedExperts.Apart(WeightFile.Open(path));
        var config = new ConfigFromShapes(file).Infer(heads);
        config.Validate(path);
        return config;
    }

    /// <summary>Loads weights by name. A file that holds a tied weight under one of its two names is complete.</summary>
    /// <param name="model">The model; unchanged if an exception is thrown.</param>
    /// <param name="path">A weight file or directory, see <see cref="WeightFile.Open"/>, in any floating dtype and any naming.</param>
    /// <param name="strict">Whether anything missing, unexpected or of another shape is an error; otherwise what fits is loaded and the rest
    /// reported (a warm start), and only a file of which nothing fits is an error.</param>
    /// <param name="progress">Told of each tensor read; none by default.</param>
    /// <returns>What was loaded and what was not.</returns>
    /// <exception cref="IOException">The weights are missing (<see cref="FileNotFoundException"/>) or cannot be read.</exception>
    /// <exception cref="WeightFileException">The weights are malformed, not finite, or hold two different values for a tied weight.</exception>
    /// <exception cref="WeightMismatchException">The weights do not fit and <paramref name="strict"/> is set, or none of them fits.</exception>
    public static WeightReport LoadWeights(this MiniMindLM model, string path, bool strict = true, IProgress<WeightProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var file = FusedExperts.Apart(WeightFile.Open(path));
        var match = ModelFiles.Match(file, model.Config, strict);
        model.Ownership.Use(() =>
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            // Everything is read before the first weight changes.
            var values = Read(match, progress).ToList();
            var state = model.state_dict();
            foreach (var (name, value) in values)
                state[name].copy_(value);
        });
        return match.Report;
    }

    /// <summary>Writes a model directory: <c>config.json</c>, the weights in <c>model.safetensors</c> or in numbered parts with
    /// <c>model.safetensors.index.json</c>, and with a tokenizer its files (and <c>generation_config.json</c> under Hugging Face's naming).</summary>
    /// <remarks>The directory holds the old model or the new one at every moment, whatever ends the process; weights of an older model that the new one does
    /// not have are removed, other files stay. A directory with nothing but a model is exchanged as a whole where the system can do that. Otherwise the new
    /// files are completed in a folder within it and then moved; after a kill in between, loading the model finishes that. Parts of a model carry the
    /// name of the save that wrote them, and those of two saves do not load together. Under Hugging Face's naming the directory is one for <c>LlamaForCausalLM</c>, <c>Qwen3ForCausalLM</c> or
    /// <c>Qwen3MoeForCausalLM</c> where these compute the same, and otherwise for MiniMind2's own class.</remarks>
    /// <param name="model">The model.</param>
    /// <param name="directory">The directory; created if needed.</param>
    /// <param name="options">Naming, element type, tokenizer and more; the reference's names in fp32 by default.</param>
    /// <exception cref="ArgumentException">An option is wrong, or the tokenizer has more ids than the model.</exception>
    /// <exception cref="NonFiniteModelException">A weight is not finite, or is beyond the range of the element type; nothing was written.</exception>
    /// <exception cref="NotSupportedException">No Hugging Face class computes the configuration; nothing was written.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void SaveModel(this MiniMindLM model, string directory, ModelSaveOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        options ??= new ModelSaveOptions();
        options.Validate();
        if (options.Tokenizer is { } tokenizer && tokenizer.VocabSize > model.Config.VocabSize)
            throw new ArgumentException($"the tokenizer has {tokenizer.VocabSize} ids; expected at most the model's {model.Config.VocabSize}", nameof(options));
        model.Ownership.Use(() => new ModelDirectoryWriter(model, options).Write(directory));
    }

    /// <summary>Writes the files of <see cref="SaveModel"/> one by one, into an empty folder that is being filled.</summary>
    internal static void WriteModelFiles(this MiniMindLM model, string folder, ModelSaveOptions options) =>
        model.Ownership.Use(() => new ModelDirectoryWriter(model, options).WriteFiles(folder));

    /// <summary>Writes a model's weights to one file under the reference's names; a tied weight once, as <c>tok_embeddings.weight</c>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">File to write; it is replaced as a whole.</param>
    /// <exception cref="NonFiniteModelException">A weight is not finite; nothing was written.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveWeights(this MiniMindLM model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        model.Ownership.Use(() => new SafeTensorsWriter(ModelDirectoryWriter.ListTensors(model, new ModelSaveOptions()), ModelDirectoryWriter.Metadata).Write(path));
    }

    private static IEnumerable<(string Name, Tensor Value)> Read(WeightMatch match, IProgress<WeightProgress>? progress)
    {
        var read = WeightProgress.Counting(progress, match.Report.Loaded.Count);
        foreach (var (tensor, value) in match.Read())
        {
            yield return (tensor.Name, value);
            read(tensor.Name);
        }
    }
}
