using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MiniMind;

/// <summary>What one call that generates tells OpenTelemetry, or whoever else listens, under <see cref="TextGenerator.TelemetryName"/>: after the conventions for generative AI
/// (<c>gen_ai.*</c>), where they have a name; docs/telemetry.md lists all. Where nobody listens, nothing is computed.</summary>
internal sealed class GenerationTelemetry : IDisposable
{
    private const string Operation = "text_completion";
    private const string Provider = "minimind";

    private static readonly ActivitySource Source = new(TextGenerator.TelemetryName, Version);
    private static readonly Meter Meter = new(TextGenerator.TelemetryName, Version);
    private static readonly Histogram<long> TokenUsage = Meter.CreateHistogram<long>("gen_ai.client.token.usage", "{token}", "Tokens of prompts and of texts.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("gen_ai.server.request.duration", "s", "Time of a call, whatever its number of prompts.");
    private static readonly Histogram<double> TimeToFirstToken = Meter.CreateHistogram<double>("gen_ai.server.time_to_first_token", "s", "Time to the first token of a call.");
    private static readonly Histogram<double> TimePerToken = Meter.CreateHistogram<double>(
        "gen_ai.server.time_per_output_token", "s", "Time of each further token of a text; all texts of a batch have theirs together.");

    private readonly Activity? _activity;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly long _inputTokens;
    private TimeSpan? _first;
    private string? _error;

    private GenerationTelemetry(IReadOnlyList<int[]> prompts, GenerationOptions options)
    {
        _inputTokens = prompts.Sum(p => (long)p.Length);
        _activity = Source.StartActivity(Operation, ActivityKind.Internal);
        _activity?.SetTag("gen_ai.operation.name", Operation)
            .SetTag("gen_ai.provider.name", Provider)
            .SetTag("gen_ai.request.max_tokens", options.MaxNewTokens)
            .SetTag("gen_ai.request.temperature", options.Temperature)
            .SetTag("gen_ai.request.top_p", options.TopP)
            .SetTag("gen_ai.request.top_k", options.TopK)
            .SetTag("minimind.batch.size", prompts.Count);
        if (options.Seed is { } seed)
            _activity?.SetTag("gen_ai.request.seed", seed);
    }

    private static string? Version => typeof(GenerationTelemetry).Assembly.GetName().Version?.ToString(3);

    private static bool IsListenedTo => Source.HasListeners() || TokenUsage.Enabled || Duration.Enabled || TimeToFirstToken.Enabled || TimePerToken.Enabled;

    /// <returns>None where nobody listens.</returns>
    public static GenerationTelemetry? Begin(IReadOnlyList<int[]> prompts, GenerationOptions options) => IsListenedTo ? new(prompts, options) : null;

    /// <summary>Each text of a batch has one token more; only the first time matters.</summary>
    public void TokenDone() => _first ??= Stopwatch.GetElapsedTime(_start);

    public void Failed(Exception exception)
    {
        _error = exception.GetType().FullName;
        _activity?.SetTag("error.type", _error).SetStatus(ActivityStatusCode.Error, exception.Message);
    }

    public void Done(IReadOnlyList<GeneratedText> texts)
    {
        var longest = texts.Max(t => t.Ids.Count);
        var output = texts.Sum(t => (long)t.Ids.Count);
        TokenUsage.Record(_inputTokens, Tags(("gen_ai.token.type", "input")));
        TokenUsage.Record(output, Tags(("gen_ai.token.type", "output")));
        if (_first is { } first)
        {
            TimeToFirstToken.Record(first.TotalSeconds, Tags());
            if (longest > 1)
                TimePerToken.Record((Stopwatch.GetElapsedTime(_start) - first).TotalSeconds / (longest - 1), Tags());
        }

        _activity?.SetTag("gen_ai.usage.input_tokens", _inputTokens)
            .SetTag("gen_ai.usage.output_tokens", output)
            .SetTag("gen_ai.response.finish_reasons", texts.Select(t => NameOf(t.FinishReason)).ToArray());
    }

    public void Dispose()
    {
        Duration.Record(Stopwatch.GetElapsedTime(_start).TotalSeconds, _error is null ? Tags() : Tags(("error.type", _error)));
        _activity?.Dispose();
    }

    /// <summary>The conventions' words for the reasons.</summary>
    private static string NameOf(FinishReason reason) => reason is FinishReason.StopToken or FinishReason.StopString ? "stop" : "length";

    private static TagList Tags(params ReadOnlySpan<(string Key, string Value)> more)
    {
        var tags = new TagList { { "gen_ai.operation.name", Operation }, { "gen_ai.provider.name", Provider } };
        foreach (var (key, value) in more)
            tags.Add(key, value);
        return tags;
    }
}
