using System.Reflection;
using TorchSharp;

namespace MiniMind.Tests;

/// <summary>Every field of the architecture reaches every format, or that format refuses it: a new field cannot be forgotten in one of them.</summary>
public sealed class LMConfigFieldTests : IDisposable
{
    /// <summary>A value other than the default for each field, valid in <see cref="Bases"/>.</summary>
    private static readonly Dictionary<string, object?> Values = new()
    {
        [nameof(LMConfig.Dim)] = 64,
        [nameof(LMConfig.NLayers)] = 2,
        [nameof(LMConfig.NHeads)] = 8,
        [nameof(LMConfig.NKVHeads)] = 4,
        [nameof(LMConfig.VocabSize)] = 720,
        [nameof(LMConfig.HiddenDim)] = 40,
        [nameof(LMConfig.MultipleOf)] = 96,
        [nameof(LMConfig.NormEps)] = 1e-6,
        [nameof(LMConfig.MaxSeqLen)] = 4096,
        [nameof(LMConfig.RopeTheta)] = 1e4,
        [nameof(LMConfig.Dropout)] = 0.1,
        [nameof(LMConfig.UseFlashAttention)] = false,
        [nameof(LMConfig.UseMoe)] = true,
        [nameof(LMConfig.NumExpertsPerTok)] = 3,
        [nameof(LMConfig.NRoutedExperts)] = 6,
        [nameof(LMConfig.UseSharedExpert)] = false,
        [nameof(LMConfig.AuxLossAlpha)] = 0.2,
        [nameof(LMConfig.SeqAux)] = false,
        [nameof(LMConfig.NormTopkProb)] = false,
        [nameof(LMConfig.HeadDim)] = 16,
        [nameof(LMConfig.QKNorm)] = true,
        [nameof(LMConfig.UntiedOutput)] = true,
        [nameof(LMConfig.RopeScaling)] = new RopeScaling { Type = RopeScalingType.Linear, Factor = 2 },
        [nameof(LMConfig.MoeHiddenDim)] = 24,
        [nameof(LMConfig.NormTop1Prob)] = true,
    };

    /// <summary>Fields that change nothing of what a format's reader computes: they concern training, or how the same numbers are computed.</summary>
    private static readonly Dictionary<string, string[]> WithoutEffect = new()
    {
        ["Hugging Face"] = [nameof(LMConfig.UseFlashAttention), nameof(LMConfig.SeqAux)],
        ["GGUF"] = [nameof(LMConfig.UseFlashAttention), nameof(LMConfig.SeqAux), nameof(LMConfig.AuxLossAlpha), nameof(LMConfig.Dropout)],
    };

    private static readonly LMConfig Dense = new() { Dim = 32, NLayers = 1, NHeads = 4, VocabSize = 700, MaxSeqLen = 8192 };

    private static readonly LMConfig[] Bases =
    [
        Dense,
        Dense with { UseMoe = true },
        Dense with { UseMoe = true, QKNorm = true, UseSharedExpert = false, NumExpertsPerTok = 1, NormTop1Prob = false },
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-").FullName;

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var property in typeof(LMConfig).GetProperties().Where(p => p.SetMethod is not null))
                foreach (var format in (string[])["reference", "Hugging Face", "GGUF"])
                    cases.Add(property.Name, format);
            return cases;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_field_is_written_or_refused(string field, string format)
    {
        if (field == nameof(LMConfig.ExpertScoring))
        {
            // The reference knows one value, and every format's reader computes that one.
            Assert.Throws<LMConfigException>(() => (Dense with { UseMoe = true, ExpertScoring = "sigmoid" }).Validate());
            return;
        }

        Assert.True(Values.TryGetValue(field, out var value), $"LMConfig.{field} is new: give it a value here, write it in every format or refuse it there");
        var changesSomething = Bases.Any(config =>
            !(Written(config, format) ?? []).SequenceEqual(Written(With(config, field, value), format) ?? []));
        if (WithoutEffect.TryGetValue(format, out var without) && without.Contains(field) && !changesSomething)
            return;

        Assert.True(changesSomething, $"{format}: a model with another {field} is written as if the field were the default");
    }

    [Fact]
    public void Every_field_survives_the_references_json()
    {
        foreach (var (field, value) in Values)
            foreach (var config in Bases.Select(c => With(c, field, value)))
                Assert.Equal(config, LMConfig.FromJson(config.ToJson()));
    }

    /// <summary>The file that holds the configuration; none if the format refuses it.</summary>
    private byte[]? Written(LMConfig config, string format)
    {
        using var model = new MiniMindLM(config, seed: 1);
        var path = Path.Combine(_folder, "written");
        try
        {
            switch (format)
            {
                case "reference":
                    return System.Text.Encoding.UTF8.GetBytes(config.ToJson());
                case "Hugging Face":
                    return System.Text.Encoding.UTF8.GetBytes(HuggingFaceConfigWriter.Write(config, "float32", tokenizer: null));
                default:
                    model.SaveGguf(path, Tokenizers.Small);
                    return File.ReadAllBytes(path);
            }
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    private static LMConfig With(LMConfig config, string field, object? value)
    {
        var changed = config with { };
        typeof(LMConfig).GetProperty(field, BindingFlags.Public | BindingFlags.Instance)!.SetValue(changed, value);
        changed.Validate();
        return changed;
    }
}
