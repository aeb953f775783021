using Microsoft.Extensions.Options;
using MiniMind.Training;

namespace MiniMind.Extensions.Hosting;

/// <summary>What a training of a configuration learns from.</summary>
public sealed record TrainingDataOptions
{
    /// <summary>A file or folder of conversations, as <see cref="SftDataset.Open(string, MiniMindTokenizer, SftDatasetOptions?, CancellationToken)"/> takes it. Needed.</summary>
    public string Path { get; set; } = string.Empty;

    /// <summary>Directory of the tokenizer. <see langword="null"/> (default): that of the model which the training begins with, and for a new model a tokenizer that is trained on
    /// the data.</summary>
    public string? Tokenizer { get; set; }

    /// <summary>The most tokens of a tokenizer that is trained on the data. The same data give the same tokenizer. Default 6400, MiniMind's.</summary>
    public int VocabSize { get; set; } = 6400;

    /// <summary>How the conversations are read.</summary>
    public SftDatasetOptions Reading { get; set; } = new();

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value that is wrong.</exception>
    public void Validate() => new OptionsFaults(typeof(TrainingDataOptions))
        .Require(File.Exists(Path) || Directory.Exists(Path), $"{nameof(Path)} is '{Path}', which is not there; expected a file or folder of conversations.")
        .Require(Tokenizer is null || Directory.Exists(Tokenizer), $"{nameof(Tokenizer)} is '{Tokenizer}', which is not there; expected a directory with tokenizer.json.")
        .Require(VocabSize > 256, VocabSize, "more than 256, the bytes")
        .Nest(Reading is null ? null : Reading.Validate, nameof(Reading))
        .ThrowIfAny();
}
