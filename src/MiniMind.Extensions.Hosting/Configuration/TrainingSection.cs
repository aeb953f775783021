using Microsoft.Extensions.Configuration;

namespace MiniMind.Extensions.Hosting;

/// <summary>The parts of a training's section in a configuration.</summary>
internal static class TrainingSection
{
    public const string Training = nameof(Training);
    public const string Schedule = nameof(Schedule);
    public const string Loss = nameof(Loss);
    public const string Model = nameof(Model);
    public const string Data = nameof(Data);
    public const string Checkpoints = nameof(Checkpoints);
    public const string Worker = nameof(Worker);

    private static readonly string[] Known = [Training, Schedule, Loss, Model, Data, Checkpoints, Worker];

    /// <summary>A key that nobody reads is a fault: what it was meant to set would silently not be set.</summary>
    /// <exception cref="InvalidOperationException">The section is empty, or has other parts.</exception>
    public static void Require(IConfiguration configuration)
    {
        var path = (configuration as IConfigurationSection)?.Path ?? "the configuration";
        var keys = configuration.GetChildren().Select(c => c.Key).ToList();
        if (keys.Count == 0)
            throw new InvalidOperationException($"{path} is empty; expected {string.Join(", ", Known)}");
        if (keys.Find(key => !Known.Contains(key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            throw new InvalidOperationException($"{path} has the key {unknown}, which nothing reads; expected {string.Join(", ", Known)}");
    }
}
