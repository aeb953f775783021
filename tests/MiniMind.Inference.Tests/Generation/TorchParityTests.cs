using MiniMind.Tests;

namespace MiniMind.Inference.Tests.Generation;

/// <summary>The scores of the TorchSharp model, and the same greedy tokens.</summary>
public sealed class TorchParityTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("minimind-");

    public void Dispose() => _folder.Delete(recursive: true);

    public static TheoryData<string, LMConfig> Models => new()
    {
        { "reference", Tiny },
        { "odd sizes", Tiny with { Dim = 36, NHeads = 6, NKVHeads = 3, HiddenDim = 50 } },
        { "one head", Tiny with { NHeads = 4, NKVHeads = 1, HeadDim = 24 } },
        { "minimind-3", Tiny with { QKNorm = true, HeadDim = 20, NKVHeads = null } },
        { "untied", Tiny with { UntiedOutput = true, RopeTheta = 1e4 } },
        { "YaRN", Tiny with { MaxSeqLen = 4096, RopeScaling = new RopeScaling { Factor = 4, OriginalMaxSeqLen = 1024, AttentionFactor = 1.1 } } },
        { "Llama 3", Tiny with { RopeScaling = new RopeScaling { Type = RopeScalingType.Llama3, Factor = 8, OriginalMaxSeqLen = 64 } } },
        { "experts", Tiny with { UseMoe = true } },
        { "experts of their own size", Tiny with { UseMoe = true, QKNorm = true, UseSharedExpert = false, NRoutedExperts = 6, NumExpertsPerTok = 3, MoeHiddenDim = 40 } },
    };

    private static LMConfig Tiny => new() { Dim = 64, NLayers = 3, NHeads = 4, NKVHeads = 2, VocabSize = 320, MaxSeqLen = 256 };

    [Theory]
    [MemberData(nameof(Models))]
    public void Scores_are_those_of_the_TorchSharp_model(string name, LMConfig config)
    {
        using var model = new MiniMindLM(config, seed: 3);
        foreach (var naming in Enum.GetValues<WeightNaming>())
        {
            var folder = Path.Combine(_folder.FullName, naming.ToString());
            model.SaveModel(folder, new ModelSaveOptions { Naming = naming });
            int[][] prompts = [.. Enumerable.Range(1, 7).Select(i => Enumerable.Range(0, i * 5).Select(t => ((t * 37) + (i * 11)) % config.VocabSize).ToArray())];
            var expected = Scores(model, prompts, steps: 20);
            foreach (var threads in (int[])[1, 2, 3])
            {
                using var inference = InferenceModel.Load(folder, new InferenceOptions { Threads = threads });
                var found = Scores(inference, prompts, steps: 20);
                var difference = Difference(expected, found);
                Assert.True(difference < 1e-5, $"{name}, {naming}, {threads} threads: {difference}");
            }
        }
    }

    internal static List<float[]> Scores(IGenerativeModel model, int[][] prompts, int steps) => model.Use(() =>
    {
        var all = new List<float[]>();
        using var session = model.BeginSession(prompts);
        var scores = session.Prefill(prompts).ToArray();
        for (var step = 0; step < steps; step++)
        {
            all.Add(scores);
            scores = session.Step([.. Enumerable.Range(0, prompts.Length).Select(i => ((step * 13) + i) % model.Config.VocabSize)]).ToArray();
        }

        return all;
    });

    internal static double Difference(List<float[]> expected, List<float[]> found)
    {
        var (error, norm) = (0.0, 0.0);
        foreach (var (a, b) in expected.Zip(found))
            for (var i = 0; i < a.Length; i++)
            {
                error += Math.Pow(a[i] - b[i], 2);
                norm += Math.Pow(a[i], 2);
            }

        return Math.Sqrt(error / norm);
    }
}
