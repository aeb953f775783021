namespace MiniMind.Inference;

/// <summary>A model that speaks without libtorch: weights in memory or in a mapped file, computed by threads of its own with the widest vectors that the processor has.
/// <see cref="TextGenerator"/> takes it in the place of a TorchSharp model, with the same options and results.</summary>
/// <remarks>Dense models of all years, with query and key norms and longer contexts, and mixtures of experts. Several generators, on any threads, may share one: their texts are
/// computed one after the other.</remarks>
public sealed class InferenceModel : IGenerativeModel, IDisposable
{
    private readonly ModelWeightSet _weights;
    private readonly WorkerTeam _team;
    private readonly ForwardWork _forward;
    private readonly Lock _use = new();
    private bool _isDisposed;

    private InferenceModel(LMConfig config, ModelWeightSet weights, WeightFormat format, int threads, KernelSet kernels)
    {
        (Config, _weights, Weights) = (config, weights, format);
        (Vectors, _team) = (kernels.Width, new WorkerTeam(threads, ForwardWork.MostPhases(config)));
        _forward = new ForwardWork(config, weights, kernels, _team);
    }

    /// <inheritdoc/>
    public LMConfig Config { get; }

    /// <summary>How the matrices are kept.</summary>
    public WeightFormat Weights { get; }

    /// <summary>Threads that compute together.</summary>
    public int Threads => _team.Count;

    /// <summary>The width of the vectors that are computed with, for logs: 512, 256 or 128 bits, or scalar.</summary>
    public string Vectors { get; }

    /// <summary>Loads a model: a directory with <c>config.json</c> and weights (the reference's or Hugging Face's names), a weight file beside a <c>config.json</c>, a folder of
    /// Hugging Face's cache, or a GGUF file of the types that are written here.</summary>
    /// <param name="path">The directory or file.</param>
    /// <param name="options">How weights are kept and computed; none for the defaults.</param>
    /// <returns>The model.</returns>
    /// <exception cref="LMConfigException">The configuration is missing, wrong, or asks for what this library does not compute.</exception>
    /// <exception cref="IOException">The weights are missing (<see cref="FileNotFoundException"/>) or cannot be read.</exception>
    /// <exception cref="WeightFileException">The weights are malformed or not finite.</exception>
    /// <exception cref="WeightMismatchException">The weights are not those of the configured model.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is wrong.</exception>
    public static InferenceModel Load(string path, InferenceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new InferenceOptions();
        options.Validate();
        var (opened, config) = ModelFiles.Open(PretrainedFolder.Resolve(path), config: null);
        using var file = opened;
        var match = ModelFiles.Match(file, config, strict: true);
        var sources = match.RequireReadable();
        var format = options.Weights ?? FormatOf(sources);
        var memory = new WeightMemory();
        try
        {
            var weights = new WeightLoader(match, sources, config, format, options.UseMemoryMapping, memory).Load();
            return new InferenceModel(config, weights, format, options.Threads, KernelSet.Choose(format));
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>Ends the threads and frees the weights, after the text that is being computed.</summary>
    public void Dispose()
    {
        lock (_use)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            _team.Dispose();
            _forward.Dispose();
            _weights.Dispose();
        }
    }

    int IGenerativeModel.MostSequences => 64;

    T IGenerativeModel.Use<T>(Func<T> work)
    {
        lock (_use)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return work();
        }
    }

    IDecodingSession IGenerativeModel.BeginSession(IReadOnlyList<int[]> prompts) => new InferenceSession(_forward, Config, prompts.Count);

    /// <summary>What most weights are stored as decides.</summary>
    private static WeightFormat FormatOf(IReadOnlyList<(ModelTensor Tensor, WeightInfo Source)> sources) =>
        sources.Sum(m => m.Source.DType == WeightDType.BFloat16 ? m.Source.Count : -m.Source.Count) > 0 ? WeightFormat.BFloat16 : WeightFormat.Float32;
}
