using System.Text.Json;

namespace MiniMind.Extensions.AI;

/// <summary>All verdicts of a harvest, in <c>verdicts.jsonl</c>, so that a judge that costs something is asked once.</summary>
internal sealed class VerdictLedger : IDisposable
{
    public const string FileName = "verdicts.jsonl";

    private readonly Dictionary<LedgerKey, (bool IsRight, string Cause)> _verdicts = [];
    private readonly Dictionary<string, string> _causes = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly AppendOnlyFile _file;

    /// <exception cref="LedgerException">The file cannot be opened.</exception>
    public VerdictLedger(string folder)
    {
        _file = AppendOnlyFile.Open(Path.Combine(folder, FileName), (bytes, _) =>
        {
            if (TryParse(bytes.Span) is { } line && LedgerKey.TryParse(line.Key, out var key))
                Keep(key, line.Right, line.Cause);
        });
    }

    /// <summary>A verdict, if it is known.</summary>
    public (bool IsRight, string Cause)? Find(LedgerKey key)
    {
        lock (_lock)
            return _verdicts.TryGetValue(key, out var verdict) ? verdict : null;
    }

    public void Add(LedgerKey key, string attempt, ReplyVerdict verdict)
    {
        var line = new VerdictLine(key.ToString(), attempt, verdict.IsRight, verdict.Cause, verdict.Reason);
        _file.Append(JsonSerializer.SerializeToUtf8Bytes(line, LedgerJson.Lines.VerdictLine));
        lock (_lock)
            Keep(key, verdict.IsRight, verdict.Cause);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Causes are few, and each is in memory once.</summary>
    private void Keep(LedgerKey key, bool isRight, string cause)
    {
        if (!_causes.TryGetValue(cause, out var kept))
            _causes.Add(cause, kept = cause);
        _verdicts[key] = (isRight, kept);
    }

    private static VerdictLine? TryParse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, LedgerJson.Lines.VerdictLine) is { Key: not null, Attempt: not null, Cause: not null, Reason: not null } verdict ? verdict : null;
        }
        catch (Exception e) when (JsonFault.Is(e))
        {
            return null;
        }
    }
}
