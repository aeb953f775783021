using System.Text;

namespace MiniMind;

/// <summary>One sequence of a batch while it is generated.</summary>
internal sealed class GeneratedRow
{
    private readonly GenerationOptions _options;
    private readonly IReadOnlySet<int> _stopTokens;
    private readonly int _limit;
    private readonly FinishReason _limitReason;
    private readonly TokenSampler _sampler;
    private readonly TokenTextDecoder _decoder;
    private readonly StopStringFilter _filter;
    private readonly HashSet<int> _history;
    private readonly string _opening;
    private readonly ReasoningFormat _format;
    private readonly List<int> _ids = [];
    private readonly List<double> _logProbabilities = [];
    private readonly StringBuilder _text = new();

    public GeneratedRow(MiniMindTokenizer tokenizer, GenerationOptions options, IReadOnlySet<int> stopTokens, int[] prompt, int row, int room)
    {
        (_options, _stopTokens) = (options, stopTokens);
        (_limit, _limitReason) = room < options.MaxNewTokens ? (room, FinishReason.ContextFull) : (options.MaxNewTokens, FinishReason.MaxNewTokens);
        _sampler = new TokenSampler(options, row);
        _decoder = tokenizer.CreateDecoder();
        _filter = new StopStringFilter(options.StopStrings);
        _history = [.. prompt];
        (_opening, _format) = (tokenizer.ReplyOpeningIn(prompt), tokenizer.ReplyFormat);
    }

    public FinishReason? Ended { get; private set; }

    public bool Started => _ids.Count > 0;

    /// <summary>The last token; what a finished row is fed with, whose scores nobody reads.</summary>
    public int LastToken { get; private set; }

    /// <summary>Chooses the next token.</summary>
    /// <param name="logits">Its scores <c>[V]</c>; overwritten.</param>
    /// <returns>The text that this completes.</returns>
    public string Add(Span<float> logits)
    {
        var (id, logProbability) = _sampler.Next(logits, _history);
        LastToken = id;
        if (_stopTokens.Contains(id))
            return End(FinishReason.StopToken);
        _ids.Add(id);
        _history.Add(id);
        if (_options.LogProbabilities)
            _logProbabilities.Add(logProbability);
        var text = _filter.Append(_decoder.Append(id));
        _text.Append(text);
        if (_filter.Stopped)
            return text + End(FinishReason.StopString);
        return _ids.Count == _limit ? text + End(_limitReason) : text;
    }

    public GenerationOptions Options => _options;

    public GeneratedText ToResult() => new()
    {
        Text = _text.ToString(),
        Ids = _ids,
        FinishReason = Ended!.Value,
        LogProbabilities = _options.LogProbabilities ? _logProbabilities : null,
        Opening = _opening,
        Format = _format,
    };

    private string End(FinishReason reason)
    {
        Ended = reason;
        var rest = reason == FinishReason.StopString ? string.Empty : _filter.Append(_decoder.Flush()) + _filter.Flush();
        _text.Append(rest);
        return rest;
    }
}
