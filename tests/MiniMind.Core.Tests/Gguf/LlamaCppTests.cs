using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests;

/// <summary>Exported models in llama.cpp. Needs node and <c>npm install --prefix tests/LlamaCpp</c>.</summary>
public sealed class LlamaCppTests : IDisposable
{
    private static readonly string Scripts = Path.Combine(Repository.Root, "tests", "LlamaCpp");
    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-llama-").FullName;
    private readonly DisposeScope _scope = NewDisposeScope();

    public LlamaCppTests()
    {
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(Scripts, "node_modules", "node-llama-cpp")) && ExternalProgram.Works("node", "--version"),
            "needs llama.cpp: npm install --prefix tests/LlamaCpp");
    }

    public void Dispose()
    {
        _scope.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_student_of_the_sample_says_the_same_there()
    {
        var student = Path.Combine(_folder, "student");
        ExternalProgram.Run(
            "dotnet", "run", "-c", "Release", "--no-build", "--project", Path.Combine(Repository.Root, "samples", "ReasonDistill"), "--",
            "--out", student, "--max-steps", "300", "--problems", "1000", "--threads", "1");
        using var model = ModelWeights.LoadModel(student);
        var tokenizer = MiniMindTokenizer.FromDirectory(student);
        var questions = File.ReadLines(Path.Combine(student, "held_out.jsonl")).Take(20)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("conversations")[0].GetProperty("content").GetString()!)
            .ToList();

        AssertSameContinuations(model, tokenizer, [.. questions.Select(q => Prompt(tokenizer, q))], tokens: 64);
    }

    public static TheoryData<string> Architectures => [.. Configs.Keys];

    private static Dictionary<string, LMConfig> Configs { get; } = new()
    {
        ["llama"] = Tiny,
        ["llama with an own output"] = Tiny with { UntiedOutput = true },
        ["llama with Llama 3's scaling"] = Tiny with { RopeTheta = 100, RopeScaling = new() { Type = RopeScalingType.Llama3, Factor = 8, OriginalMaxSeqLen = 32 } },
        ["llama with YaRN"] = Tiny with { RopeScaling = new() { OriginalMaxSeqLen = 16 } },
        ["qwen3"] = Tiny with { QKNorm = true, HeadDim = 24 },
        ["qwen3 with YaRN"] = Tiny with { QKNorm = true, RopeScaling = new() { OriginalMaxSeqLen = 64, AttentionFactor = 1.1 } },
        ["qwen3 with linear scaling"] = Tiny with { QKNorm = true, RopeScaling = new() { Type = RopeScalingType.Linear, Factor = 4 } },
        ["experts with a shared one"] = Tiny with { UseMoe = true },
        ["experts with a shared one, not normalised"] = Tiny with { UseMoe = true, NormTopkProb = false },
        ["experts without a shared one"] = Tiny with { UseMoe = true, NSharedExperts = false },
        ["experts with query and key norms"] = Tiny with { UseMoe = true, NSharedExperts = false, QKNorm = true, MoeHiddenDim = 64, NumExpertsPerTok = 1, NormTop1Prob = true },
    };

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Every_architecture_says_the_same_there(string name)
    {
        var tokenizer = new BpeTrainer(new() { VocabSize = 320 }).Train(["the cat sat on the mat and the dog sat on the log"], TestContext.Current.CancellationToken);
        using var model = new MiniMindLM(Configs[name] with { VocabSize = tokenizer.VocabSize }, seed: 3);
        using (no_grad())
            foreach (var parameter in model.parameters())
                parameter.mul_(parameter.dim() == 1 ? 1 : 4);

        AssertSameContinuations(model, tokenizer, [.. ((string[])["the cat", "1 + 2 = 3", "a dog on a log, a cat on a mat", "你好，世界", "sat"]).Select(t => Prompt(tokenizer, t))], tokens: 16);
    }

    [Theory]
    [InlineData("minimind_tokenizer")]
    [InlineData("minimind3_tokenizer")]
    public void Published_tokenizers_give_the_same_ids_there(string name)
    {
        var directory = SharedFiles.Require("data", name);
        var tokenizer = MiniMindTokenizer.FromDirectory(directory);
        var texts = File.ReadLines(Path.Combine(directory, "parity.jsonl")).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("text").GetString()!).ToArray();
        using var model = new MiniMindLM(Tiny with { VocabSize = tokenizer.VocabSize, NLayers = 1 }, seed: 1);

        Assert.InRange(texts.Length, 300, 400);
        AssertSameContinuations(model, tokenizer, texts, tokens: 0);
    }

    private static LMConfig Tiny => new() { Dim = 64, NLayers = 2, NHeads = 4, NKVHeads = 2, HiddenDim = 96, MaxSeqLen = 256 };

    private static string Prompt(MiniMindTokenizer tokenizer, string question) =>
        tokenizer.ChatTemplate.RenderText([new ChatTurn("user", question)], new ChatTemplateOptions { AddGenerationPrompt = true });

    private void AssertSameContinuations(MiniMindLM model, MiniMindTokenizer tokenizer, string[] texts, int tokens)
    {
        var (gguf, request, reply) = (Path.Combine(_folder, "model.gguf"), Path.Combine(_folder, "request.json"), Path.Combine(_folder, "reply.json"));
        model.SaveGguf(gguf, tokenizer, new GgufOptions { Type = GgufType.F32 });
        File.WriteAllText(request, JsonSerializer.Serialize(new { texts, maxTokens = tokens }));

        ExternalProgram.Run("node", Path.Combine(Scripts, "greedy.mjs"), gguf, request, reply);

        using var generator = new TextGenerator(model, tokenizer);
        using var replies = JsonDocument.Parse(File.ReadAllText(reply));
        foreach (var (text, theirs) in texts.Zip(replies.RootElement.EnumerateArray()))
        {
            var ids = tokenizer.Encode(text);
            Assert.Equal(ids, theirs.GetProperty("ids").Deserialize<int[]>()!);
            if (tokens == 0)
                continue;
            var ours = generator.Generate([ids], new GenerationOptions { MaxNewTokens = tokens, StopTokens = [] }, TestContext.Current.CancellationToken)[0];
            Assert.Equal(ours.Ids, theirs.GetProperty("tokens").Deserialize<int[]>()!);
        }
    }
}
