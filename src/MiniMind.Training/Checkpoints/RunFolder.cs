using System.Globalization;
using System.Text.RegularExpressions;

namespace MiniMind.Training;

/// <summary>A folder of checkpoints by step: <c>step-00000100</c>. Several runs may share it; a run replaces and deletes its own only, and where another's has
/// the name, its own is called <c>step-00000100-</c> and the first eight digits of the run's name.</summary>
internal static partial class RunFolder
{
    /// <summary>The folder of the checkpoint with the best value of a metric.</summary>
    public const string BestName = "best";

    private const string Prefix = "step-";
    private const int ShortRunId = 8;

    /// <summary>A checkpoint by its name; <paramref name="State"/> is none, and <paramref name="Fault"/> says why, if it cannot be read or is not complete.</summary>
    internal sealed record Entry(string Path, long Step, CheckpointState? State, string? Fault)
    {
        /// <summary>Versions before 3 do not say when they were written, nor does what cannot be read.</summary>
        public DateTimeOffset SavedAt =>
            State?.SavedAt
            ?? (new FileInfo(System.IO.Path.Combine(Path, TrainingCheckpoint.StateFile)) is { Exists: true } file ? file.LastWriteTimeUtc : Directory.GetLastWriteTimeUtc(Path));
    }

    public static bool IsCheckpointName(string name) => Name().IsMatch(name) || Best().IsMatch(name);

    /// <summary>The run that wrote a checkpoint; none if it cannot be read.</summary>
    public static string? RunOf(string path) => Read(path, 0).State?.RunId;

    /// <summary>What tells a run's checkpoints from another's of the same name.</summary>
    public static string Short(string runId) => runId[..ShortRunId];

    /// <summary>All checkpoints, the last written first: after going back to an earlier one, what was written since is newer than what was given up.</summary>
    public static IReadOnlyList<Entry> NewestFirst(string directory) =>
        [.. List(directory).OrderByDescending(e => e.SavedAt).ThenByDescending(e => e.Step)];

    /// <summary>Puts a checkpoint into a run: the named one, or of a folder of checkpoints the newest that is whole and of this run.</summary>
    /// <param name="directory">The checkpoint, or the folder of checkpoints.</param>
    /// <param name="model">The run's model.</param>
    /// <param name="state">The run's state.</param>
    /// <param name="run">What decides the run's losses.</param>
    /// <param name="options">What may have changed.</param>
    /// <param name="passedOver">Told why a newer checkpoint was not taken.</param>
    /// <param name="cancellationToken">Ends the loading before anything has changed.</param>
    /// <exception cref="CheckpointException">There is none that can be taken; nothing has changed.</exception>
    public static LoadedCheckpoint Load(
        string directory,
        MiniMindLM model,
        TrainingState state,
        RunDescription run,
        ResumeOptions options,
        Action<string> passedOver,
        CancellationToken cancellationToken)
    {
        var entries = IsCheckpoint(directory) ? [] : NewestFirst(directory);
        if (entries.Count == 0)
            return TrainingCheckpoint.Load(directory, model, state, run, options, cancellationToken);

        var problems = new List<string>();
        foreach (var entry in entries)
        {
            try
            {
                var loaded = TrainingCheckpoint.Load(entry.Path, model, state, run, options, cancellationToken);
                problems.ForEach(passedOver);
                return loaded;
            }
            catch (CheckpointException e)
            {
                problems.Add(e.Message);
            }
        }

        throw new CheckpointException(directory, $"holds no checkpoint that this run can go on from: {string.Join(" ", problems).TrimEnd('.')}");
    }

    /// <summary>Where a run's checkpoint goes.</summary>
    public static string PlaceFor(string directory, long step, string runId)
    {
        var path = Path.Combine(directory, Prefix + step.ToString("D8", CultureInfo.InvariantCulture));
        return !Directory.Exists(path) || Read(path, step).State?.RunId == runId ? path : $"{path}-{Short(runId)}";
    }

    /// <summary>Deletes a run's older checkpoints. What was just written stays, and so do the run's later ones, which a run that went back will replace, and, where asked for,
    /// the last epoch's end.</summary>
    /// <exception cref="IOException">A file cannot be deleted.</exception>
    public static void DeleteOld(string directory, string runId, string written, long step, int keep, bool keepsEpochEnd)
    {
        var own = List(directory).Where(e => e.State?.RunId == runId && e.Step <= step).OrderByDescending(e => e.Step).ToList();
        var epochEnd = keepsEpochEnd ? own.Find(e => e.State!.Batch == 0) : null;
        foreach (var old in own.Where(e => e.Path != written).Skip(keep - 1).Where(e => e != epochEnd))
            AtomicDirectory.Delete(old.Path, TrainingCheckpoint.Owns, runId);
    }

    /// <summary>Deletes what a killed process left half written: that of this run, and of runs without a checkpoint, which nobody can resume.</summary>
    public static void SweepTemporaries(string directory, string runId)
    {
        var others = List(directory).Select(e => e.State?.RunId).Where(id => id != runId).ToHashSet();
        Temporary.Sweep(directory, (target, id) => IsCheckpointName(target) && !others.Contains(id));
    }

    private static bool IsCheckpoint(string directory) =>
        IsCheckpointName(Path.GetFileName(Path.TrimEndingDirectorySeparator(directory))) || File.Exists(Path.Combine(directory, TrainingCheckpoint.StateFile));

    private static IEnumerable<Entry> List(string directory) => !Directory.Exists(directory) ? [] :
        from path in Directory.EnumerateDirectories(directory, Prefix + "*").ToList()
        let name = Name().Match(Path.GetFileName(path))
        where name.Success
        select Read(path, long.Parse(name.Groups["step"].ValueSpan, CultureInfo.InvariantCulture));

    private static Entry Read(string path, long step)
    {
        try
        {
            var state = TrainingCheckpoint.ReadState(path);
            return new Entry(path, step, state, TrainingCheckpoint.FindFault(path, state));
        }
        catch (CheckpointException e)
        {
            return new Entry(path, step, null, e.Message);
        }
    }

    [GeneratedRegex(@"^step-(?<step>[0-9]{8}|[1-9][0-9]{8,17})(-[0-9a-f]{8})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"^best(-[0-9a-f]{8})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Best();
}
