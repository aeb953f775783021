using System.Text.Json.Serialization;

namespace MiniMind;

/// <summary>How rotary frequencies are changed for contexts longer than those trained on; part of <see cref="LMConfig"/>. JSON names are those of
/// Hugging Face's <c>rope_scaling</c>.</summary>
public sealed record RopeScaling
{
    /// <summary>The formula. Default YaRN.</summary>
    [JsonPropertyName("rope_type")]
    [JsonConverter(typeof(RopeScalingTypeJsonConverter))]
    public RopeScalingType Type { get; init; } = RopeScalingType.Yarn;

    /// <summary>By how much the context grows. Default 16, MiniMind's.</summary>
    [JsonPropertyName("factor")]
    public double Factor { get; init; } = 16;

    /// <summary>Tokens that the model was trained on, for YaRN and Llama 3. Default 2048, MiniMind's.</summary>
    [JsonPropertyName("original_max_position_embeddings")]
    public int OriginalMaxSeqLen { get; init; } = 2048;

    /// <summary>YaRN: turns within the original length from which on a frequency is kept. Default 32.</summary>
    [JsonPropertyName("beta_fast")]
    public double BetaFast { get; init; } = 32;

    /// <summary>YaRN: turns within the original length below which a frequency is divided. Default 1.</summary>
    [JsonPropertyName("beta_slow")]
    public double BetaSlow { get; init; } = 1;

    /// <summary>YaRN: both queries and keys are multiplied by it. Default 1, MiniMind's.</summary>
    [JsonPropertyName("attention_factor")]
    public double AttentionFactor { get; init; } = 1;

    /// <summary>Llama 3: turns within the original length below which a frequency is divided. Default 1.</summary>
    [JsonPropertyName("low_freq_factor")]
    public double LowFreqFactor { get; init; } = 1;

    /// <summary>Llama 3: turns within the original length from which on a frequency is kept. Default 4.</summary>
    [JsonPropertyName("high_freq_factor")]
    public double HighFreqFactor { get; init; } = 4;

    /// <summary>Whether a model of this maximum length is changed at all.</summary>
    internal bool IsActive(int maxSeqLen) => Type != RopeScalingType.Yarn || maxSeqLen > OriginalMaxSeqLen;

    /// <summary>What the frequencies are divided by, one a pair of a head's <paramref name="headDim"/> numbers.</summary>
    internal double[] Divisors(int headDim, double theta)
    {
        var (low, high) = YarnRange(headDim, theta, headDim / 2);
        return [.. Enumerable.Range(0, headDim / 2).Select(pair => Type switch
        {
            RopeScalingType.Linear => Factor,
            RopeScalingType.Llama3 => 1 / Mixed(Llama3Divided(Math.Pow(theta, -2.0 * pair / headDim))),
            _ => 1 / Mixed(Math.Clamp((pair - low) / Math.Max(high - low, 0.001), 0, 1)),
        })];
    }

    /// <summary>Whether Hugging Face's YaRN, which has a higher upper bound, gives the same frequencies.</summary>
    internal bool EqualsTransformersYarn(int headDim, double theta) =>
        YarnRange(headDim, theta, headDim) == YarnRange(headDim, theta, headDim / 2);

    internal void AddFaults(Action<bool, string, object?, string> check)
    {
        check(Factor >= 1 && double.IsFinite(Factor), "rope_scaling.factor", Factor, "a number from 1");
        check(OriginalMaxSeqLen > 0, "rope_scaling.original_max_position_embeddings", OriginalMaxSeqLen, "a positive number");
        check(BetaSlow > 0 && BetaFast >= BetaSlow && double.IsFinite(BetaFast), "rope_scaling.beta_fast", BetaFast, $"at least beta_slow ({BetaSlow}), above 0");
        check(AttentionFactor > 0 && double.IsFinite(AttentionFactor), "rope_scaling.attention_factor", AttentionFactor, "a positive number");
        check(
            LowFreqFactor > 0 && HighFreqFactor > LowFreqFactor && double.IsFinite(HighFreqFactor),
            "rope_scaling.high_freq_factor",
            HighFreqFactor,
            $"more than low_freq_factor ({LowFreqFactor}), above 0");
    }

    /// <summary>A frequency's factor when this share of it is divided.</summary>
    private double Mixed(double divided) => 1 - divided + (divided / Factor);

    private double Llama3Divided(double frequency)
    {
        var turns = OriginalMaxSeqLen * frequency / (2 * Math.PI);
        return 1 - Math.Clamp((turns - LowFreqFactor) / (HighFreqFactor - LowFreqFactor), 0, 1);
    }

    private (double Low, double High) YarnRange(int headDim, double theta, int highest)
    {
        double Pair(double turns) => headDim * Math.Log(OriginalMaxSeqLen / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
        return (Math.Max(Math.Floor(Pair(BetaFast)), 0), Math.Min(Math.Ceiling(Pair(BetaSlow)), highest - 1));
    }

    /// <summary>The names in JSON are lower-case.</summary>
    internal sealed class RopeScalingTypeJsonConverter() : JsonStringEnumConverter<RopeScalingType>(System.Text.Json.JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
}
