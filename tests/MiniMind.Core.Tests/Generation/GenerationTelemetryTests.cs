using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MiniMind.Tests;

public class GenerationTelemetryTests
{
    [Fact]
    public void A_call_tells_its_tokens_times_and_reasons()
    {
        using var model = new MiniMindLM(new LMConfig { Dim = 32, NLayers = 1, NHeads = 2, NKVHeads = 1, VocabSize = 700, MaxSeqLen = 64 }, seed: 3);
        using var generator = new TextGenerator(model, Tokenizers.Small);
        // Other tests generate at the same time, in other contexts.
        using var parent = new Activity(nameof(GenerationTelemetryTests)).Start();
        var values = new ConcurrentQueue<(string Name, double Value, string? TokenType)>();
        var activities = new ConcurrentQueue<Activity>();
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == TextGenerator.TelemetryName)
                listener.EnableMeasurementEvents(instrument);
        };
        void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (Activity.Current?.TraceId == parent.TraceId)
                values.Enqueue((instrument.Name, value, tags.ToArray().FirstOrDefault(t => t.Key == "gen_ai.token.type").Value as string));
        }

        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
        meters.Start();
        using var sources = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TextGenerator.TelemetryName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activities.Enqueue,
        };
        ActivitySource.AddActivityListener(sources);

        generator.Generate([[1, 2, 3], [4, 5]], new GenerationOptions { MaxNewTokens = 4, StopTokens = [] }, TestContext.Current.CancellationToken);

        Assert.Contains(("gen_ai.client.token.usage", 5.0, "input"), values);
        Assert.Contains(("gen_ai.client.token.usage", 8.0, "output"), values);
        double Time(string name) => Assert.Single(values, v => v.Name == name).Value;
        var (whole, first, each) = (Time("gen_ai.server.request.duration"), Time("gen_ai.server.time_to_first_token"), Time("gen_ai.server.time_per_output_token"));
        Assert.InRange(first + (3 * each), 0, whole);
        var activity = Assert.Single(activities, a => a.TraceId == parent.TraceId);
        Assert.Equal("text_completion", activity.OperationName);
        Assert.Equal((5L, 8L, 4), (activity.GetTagItem("gen_ai.usage.input_tokens"), activity.GetTagItem("gen_ai.usage.output_tokens"), activity.GetTagItem("gen_ai.request.max_tokens")));
        Assert.Equal(["length", "length"], (string[])activity.GetTagItem("gen_ai.response.finish_reasons")!);
    }
}
