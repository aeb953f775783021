namespace MiniMind;

/// <summary>A model that text can be generated with: <c>MiniMindLM</c> of MiniMind.Core, which computes with TorchSharp, or <c>InferenceModel</c> of MiniMind.Inference, which
/// computes by itself. <see cref="TextGenerator"/> takes either. Only the library's own models implement it.</summary>
public interface IGenerativeModel
{
    /// <summary>The model's configuration.</summary>
    LMConfig Config { get; }

    /// <summary>The most sequences that are worth computing at a time.</summary>
    internal int MostSequences { get; }

    /// <summary>Does work while nothing else uses the model or changes its weights.</summary>
    internal T Use<T>(Func<T> work);

    /// <summary>Begins a batch of sequences; within <see cref="Use"/>.</summary>
    internal IDecodingSession BeginSession(IReadOnlyList<int[]> prompts);
}
