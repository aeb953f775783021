using Microsoft.Extensions.Options;

namespace MiniMind.Extensions.Hosting;

/// <summary>Settings of a training that runs in the background of a host.</summary>
public sealed record TrainingWorkerOptions
{
    /// <summary>Model directory that gets the student and its tokenizer when the run is over; on several ranks rank 0 writes it. <see langword="null"/> (default): none.</summary>
    public string? OutputDirectory { get; set; }

    /// <summary>Whether the host stops when the run is over. Default false: the host goes on without the training.</summary>
    public bool StopHostWhenDone { get; set; }

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value that is wrong.</exception>
    public void Validate() => new OptionsFaults(typeof(TrainingWorkerOptions))
        .Require(OutputDirectory is not { Length: 0 }, $"{nameof(OutputDirectory)} is empty; expected a directory, or nothing.")
        .ThrowIfAny();
}
