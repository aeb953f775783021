using System.Text.Json;

namespace MiniMind.Extensions.AI;

/// <summary>All that a teacher was ever asked for a harvest, in <c>attempts.jsonl</c>. In memory is where each line is, about 100 bytes for each attempt.</summary>
internal sealed class AttemptLedger : IDisposable
{
    public const string FileName = "attempts.jsonl";

    private readonly Dictionary<LedgerKey, LineSpan> _answered = [];
    private readonly Lock _lock = new();
    private readonly AppendOnlyFile _file;

    /// <exception cref="LedgerException">The file cannot be opened.</exception>
    public AttemptLedger(string folder)
    {
        _file = AppendOnlyFile.Open(Path.Combine(folder, FileName), (bytes, place) =>
        {
            if (TryParse(bytes.Span) is { } attempt && LedgerKey.TryParse(attempt.Key, out var key))
                Count(attempt, key, place);
            else
                TornLines++;
        });
    }

    /// <summary>Lines that are no attempts: what kills have left.</summary>
    public int TornLines { get; private set; }

    /// <summary>Requests and tokens of all attempts.</summary>
    public (long Requests, long InputTokens, long OutputTokens) Used { get; private set; }

    /// <summary>The attempt of that key which was answered.</summary>
    public HarvestAttempt? Find(LedgerKey key)
    {
        LineSpan place;
        lock (_lock)
            if (!_answered.TryGetValue(key, out place))
                return null;
        return TryParse(_file.Read(place)) ?? throw new LedgerException(_file.FilePath, $"the line at byte {place.Offset} has changed; expected a file that nobody else writes");
    }

    public void Add(HarvestAttempt attempt, LedgerKey key)
    {
        var place = _file.Append(JsonSerializer.SerializeToUtf8Bytes(attempt, LedgerJson.Lines.HarvestAttempt));
        lock (_lock)
            Count(attempt, key, place);
    }

    public void Dispose() => _file.Dispose();

    private void Count(HarvestAttempt attempt, LedgerKey key, LineSpan place)
    {
        Used = (Used.Requests + attempt.Requests, Used.InputTokens + (attempt.InputTokens ?? 0), Used.OutputTokens + (attempt.OutputTokens ?? 0));
        if (attempt.IsAnswered)
            _answered.TryAdd(key, place);
    }

    private static HarvestAttempt? TryParse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, LedgerJson.Lines.HarvestAttempt);
        }
        catch (Exception e) when (JsonFault.Is(e))
        {
            return null;
        }
    }
}
