using System.Text.Json;
using static TorchSharp.torch;

namespace MiniMind.Tests;

/// <summary>The reference's greedy decode and sampling distribution.</summary>
public sealed class DecodeParityTests
{
    [Fact]
    public void Sixteen_cached_steps_have_the_references_logits_and_ids()
    {
        using var model = Reference.LoadModel("dense");
        using var golden = ReadDecode();
        model.eval();
        int[] prompt = Tokenizers.Ids(golden.RootElement.GetProperty("prompt"));
        using var session = new DecodingSession(model, [prompt]);
        var steps = golden.RootElement.GetProperty("steps").EnumerateArray().ToList();

        var scores = session.Prefill([prompt]);
        for (var i = 0; i < 16; i++)
        {
            using var expected = tensor(steps[i].GetProperty("logits").EnumerateArray().Select(v => v.GetSingle()).ToArray());
            TensorAssert.Close(expected, scores[0], 1e-5, $"logits of step {i}");
            var next = (int)scores[0].argmax().item<long>();
            Assert.Equal(golden.RootElement.GetProperty("greedy")[i].GetInt32(), next);
            if (i < 15)
                scores = session.Step([next]);
        }
    }

    [Fact]
    public void Penalty_temperature_and_top_p_keep_the_references_distribution()
    {
        using var golden = ReadDecode();
        var sampling = golden.RootElement.GetProperty("sampling");
        var logits = golden.RootElement.GetProperty("steps")[0].GetProperty("logits").EnumerateArray().Select(v => v.GetSingle()).ToArray();
        var options = new GenerationOptions
        {
            RepetitionPenalty = sampling.GetProperty("repetition_penalty").GetDouble(),
            Temperature = sampling.GetProperty("temperature").GetDouble(),
            TopP = sampling.GetProperty("top_p").GetDouble(),
        };

        var kept = new TokenSampler(options, 0).Distribution(logits, Tokenizers.Ids(golden.RootElement.GetProperty("prompt")).ToHashSet());

        var expected = sampling.GetProperty("kept").EnumerateArray().ToDictionary(k => k.GetProperty("id").GetInt32(), k => k.GetProperty("p").GetDouble());
        Assert.Equal(expected.Keys.Order(), kept.Select(k => k.Id).Order());
        var largest = kept.Max(k => Math.Abs(expected[k.Id] - k.Probability));
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"kept distribution: largest difference {largest:E1}"));
        Assert.True(largest <= 1e-6);
    }

    private static JsonDocument ReadDecode() => JsonDocument.Parse(File.ReadAllText(GoldenFiles.Find("dense", "decode.json")));
}
