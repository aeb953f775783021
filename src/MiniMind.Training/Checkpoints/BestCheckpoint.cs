using System.Text.Json;

namespace MiniMind.Training;

/// <summary>The checkpoint with the best value of a metric, in the folder <c>best</c> of a folder of checkpoints, and what that value is.</summary>
internal static class BestCheckpoint
{
    private const string NoteFile = "best.json";

    /// <summary>What is noted in the checkpoint's folder.</summary>
    internal sealed record Note(string Metric, double Value, long Step);

    /// <summary>Where a run's best checkpoint goes; where another run's has the name, its own has the first digits of the run's name too.</summary>
    public static string PlaceFor(string directory, string runId)
    {
        var path = Path.Combine(directory, RunFolder.BestName);
        return !Directory.Exists(path) || RunFolder.RunOf(path) == runId ? path : $"{path}-{RunFolder.Short(runId)}";
    }

    /// <summary>The best value so far of a run; none if none is noted.</summary>
    public static double? Read(string directory, string runId, string metric)
    {
        var path = PlaceFor(directory, runId);
        try
        {
            var note = JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(path, NoteFile)), CheckpointJson.Default.Note);
            return note?.Metric == metric && RunFolder.RunOf(path) == runId ? note.Value : null;
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <exception cref="IOException">The note cannot be written.</exception>
    public static void Write(string path, string metric, double value, long step) =>
        AtomicFile.WriteAllText(Path.Combine(path, NoteFile), JsonSerializer.Serialize(new Note(metric, value, step), CheckpointJson.Default.Note));
}
