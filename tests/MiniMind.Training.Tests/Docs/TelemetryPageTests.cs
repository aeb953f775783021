using System.Text.RegularExpressions;
using MiniMind.Tests;

namespace MiniMind.Training.Tests.Docs;

/// <summary>docs/telemetry.md lists every instrument and every log event of the sources.</summary>
public sealed partial class TelemetryPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "telemetry.md"));

    private static readonly string Sources = string.Join('\n', Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
        .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).Select(File.ReadAllText));

    [Fact]
    public void Every_instrument_is_listed_with_its_unit()
    {
        var instruments = Instrument().Matches(Sources);

        Assert.True(instruments.Count > 15, $"only {instruments.Count} instruments were found");
        Assert.All(instruments, m => Assert.Contains(
            $"| `{m.Groups["name"].Value}` | {m.Groups["kind"].Value.ToLowerInvariant()} | `{m.Groups["unit"].Value}` |", Page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_log_event_is_listed_with_its_level()
    {
        var events = Event().Matches(Sources);

        Assert.True(events.Count > 20, $"only {events.Count} events were found");
        Assert.All(events, m => Assert.Contains($"| {m.Groups["id"].Value} | {m.Groups["level"].Value} |", Page, StringComparison.Ordinal));
    }

    [GeneratedRegex("""Create(?<kind>Counter|Histogram|Gauge)<\w+>\(\s*"(?<name>[\w.]+)",\s*"(?<unit>[^"]+)"?""")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"LoggerMessage\((?:EventId = )?(?<id>\d+), (?:Level = )?LogLevel\.(?<level>\w+)")]
    private static partial Regex Event();
}
