using System.Text.Json;

namespace MiniMind.Training;

/// <summary>The lines that <see cref="JsonlMetrics"/> finds in its file when a run starts.</summary>
internal static class MetricsFile
{
    public const string StepKey = "step";
    public const string RunKey = "run_id";

    /// <summary>What the key was before 1.0.</summary>
    private const string OlderRunKey = "run";

    /// <summary>Removes a run's lines behind a step, and what a kill left of a last line. Lines of other runs stay; those from before lines named their run count
    /// as the run's if it has been resumed.</summary>
    /// <exception cref="IOException">The file cannot be read or written; it is as it was.</exception>
    public static void CutBehind(string path, string runId, long step)
    {
        if (!File.Exists(path))
            return;
        var lines = File.ReadAllBytes(path);
        using var kept = new MemoryStream(lines.Length);
        for (var start = 0; start < lines.Length;)
        {
            var newline = lines.AsSpan(start).IndexOf((byte)'\n');
            var line = lines.AsMemory(start, newline < 0 ? lines.Length - start : newline);
            var isParsed = TryRead(line, out var lineRun, out var lineStep);
            var isRedone = isParsed && lineStep > step && (lineRun == runId || (lineRun is null && step > 0));
            if (!isRedone && (newline >= 0 || isParsed))
            {
                kept.Write(line.Span);
                kept.WriteByte((byte)'\n');
            }

            start += line.Length + 1;
        }

        if (!kept.GetBuffer().AsSpan(0, (int)kept.Length).SequenceEqual(lines))
            AtomicFile.Write(path, stream => kept.WriteTo(stream));
    }

    private static bool TryRead(ReadOnlyMemory<byte> line, out string? runId, out long step)
    {
        (runId, step) = (null, 0);
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return false;
            if ((root.TryGetProperty(RunKey, out var run) || root.TryGetProperty(OlderRunKey, out run)) && run.ValueKind == JsonValueKind.String)
                runId = run.GetString();
            if (root.TryGetProperty(StepKey, out var number) && number.ValueKind == JsonValueKind.Number)
                _ = number.TryGetInt64(out step);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
