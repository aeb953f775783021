using static TorchSharp.torch;

namespace MiniMind.LlamaCpp.Tests;

/// <summary>Models of random weights, one for each way in which a GGUF file can say a configuration.</summary>
internal static class TinyModels
{
    public static LMConfig Dense { get; } = new() { Dim = 64, NLayers = 2, NHeads = 4, NKVHeads = 2, HiddenDim = 96, MaxSeqLen = 256 };

    public static Dictionary<string, LMConfig> All { get; } = new()
    {
        ["llama"] = Dense,
        ["llama with an own output"] = Dense with { UntiedOutput = true },
        ["llama with heads of another width"] = Dense with { HeadDim = 32, RopeTheta = 1e4, NormEps = 1e-6 },
        ["llama with Llama 3's scaling"] = Dense with { RopeTheta = 100, RopeScaling = new() { Type = RopeScalingType.Llama3, Factor = 8, OriginalMaxSeqLen = 32 } },
        ["llama with linear scaling"] = Dense with { RopeScaling = new() { Type = RopeScalingType.Linear, Factor = 4 } },
        ["llama with YaRN"] = Dense with { RopeScaling = new() { OriginalMaxSeqLen = 16 } },
        ["qwen3"] = Dense with { QKNorm = true, HeadDim = 24 },
        ["qwen3 with YaRN"] = Dense with { QKNorm = true, RopeScaling = new() { OriginalMaxSeqLen = 64, AttentionFactor = 1.1 } },
        ["qwen3 with linear scaling"] = Dense with { QKNorm = true, RopeScaling = new() { Type = RopeScalingType.Linear, Factor = 4 } },
        ["bailingmoe"] = Dense with { UseMoe = true },
        ["bailingmoe, not normalised"] = Dense with { UseMoe = true, NormTopkProb = false },
        ["llama with experts"] = Dense with { UseMoe = true, UseSharedExpert = false },
        ["qwen3moe"] = Dense with { UseMoe = true, UseSharedExpert = false, QKNorm = true, MoeHiddenDim = 64, NumExpertsPerTok = 1, NormTop1Prob = true },
    };

    public static MiniMindTokenizer Tokenizer { get; } = new BpeTrainer(new() { VocabSize = 320 }).Train(["the cat sat on the mat and the dog sat on the log"]);

    /// <summary>A model whose matrices are large enough that no two tokens are about equally likely.</summary>
    public static MiniMindLM Create(LMConfig config)
    {
        var model = new MiniMindLM(config with { VocabSize = Tokenizer.VocabSize }, seed: 3);
        using (no_grad())
            foreach (var parameter in model.parameters().Where(p => p.dim() > 1))
                parameter.mul_(4);
        model.eval();
        return model;
    }
}
