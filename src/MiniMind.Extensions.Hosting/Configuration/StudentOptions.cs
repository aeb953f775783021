using Microsoft.Extensions.Options;

namespace MiniMind.Extensions.Hosting;

/// <summary>Which model a training of a configuration begins with.</summary>
public sealed record StudentOptions
{
    /// <summary>A model directory or weight file to go on from (warm start), as <see cref="ModelWeights.LoadModel"/> takes it. <see langword="null"/> (default): a new model.</summary>
    public string? Path { get; set; }

    /// <summary>The architecture of a new model. Its vocabulary is the tokenizer's, whatever is said here. Default: <see cref="LMConfig"/>'s defaults.</summary>
    public LMConfig Config { get; set; } = new();

    /// <summary>Seed of a new model's weights. Default 1337.</summary>
    public long Seed { get; set; } = 1337;

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value that is wrong.</exception>
    public void Validate()
    {
        var faults = new OptionsFaults(typeof(StudentOptions))
            .Require(Path is null || File.Exists(Path) || Directory.Exists(Path), $"{nameof(Path)} is '{Path}', which is not there; expected a model directory or a weight file.")
            .Require(Config is not null, Config, "an architecture");
        try
        {
            // The vocabulary is not said here.
            if (Path is null && Config is not null)
                (Config with { VocabSize = 1 }).Validate();
        }
        catch (LMConfigException e)
        {
            foreach (var error in e.Errors)
                faults.Require(false, $"{nameof(Config)}: {error}.");
        }

        faults.ThrowIfAny();
    }
}
