using System.Numerics.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.LlamaCpp.Tests;

/// <summary>Every architecture and element type that is written, in llama.cpp: the same ids, tokens and logits.</summary>
public sealed class ArchitectureTests : IDisposable
{
    private const int Tokens = 16;
    private static readonly string[] Texts = ["the cat", "1 + 2 = 3", "a dog on a log, a cat on a mat", "你好，世界", "sat"];
    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-llama-").FullName;
    private readonly DisposeScope _scope = NewDisposeScope();

    public ArchitectureTests() => LlamaCppBackend.Require();

    public static TheoryData<string> Names => [.. TinyModels.All.Keys];

    private string FilePath => Path.Combine(_folder, "model.gguf");

    public void Dispose()
    {
        _scope.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_architecture_computes_the_same_there(string name)
    {
        using var model = TinyModels.Create(TinyModels.All[name]);
        model.SaveGguf(FilePath, TinyModels.Tokenizer, new GgufOptions { Type = GgufType.F32 });
        using var theirs = new LlamaCppModel(FilePath);
        using var generator = new TextGenerator(model, TinyModels.Tokenizer);

        Assert.StartsWith($"{name.Split(' ', ',')[0]} ", theirs.Model.Description, StringComparison.Ordinal);
        foreach (var text in Texts)
        {
            var prompt = Prompt(text);
            var ids = TinyModels.Tokenizer.Encode(prompt);
            Assert.Equal(ids, theirs.Tokenize(prompt));
            Assert.InRange(LargestDifference(model, theirs, ids), 0, 1e-4);
            var ours = generator.Generate([ids], new GenerationOptions { MaxNewTokens = Tokens, StopTokens = [] }, TestContext.Current.CancellationToken)[0];
            Assert.Equal(ours.Ids, theirs.Continue(ids, Tokens, stops: false).Tokens);
        }
    }

    /// <summary>llama.cpp rounds the activations too, to the type of the matrix, and so the bounds are those of the type. All experts are used, because
    /// rounding may choose another expert for a token.</summary>
    [Theory]
    [InlineData(GgufType.F32, 1e-4)]
    [InlineData(GgufType.F16, 0.02)]
    [InlineData(GgufType.BF16, 0.08)]
    [InlineData(GgufType.Q8, 0.15)]
    public void An_element_type_has_the_same_logits_there(GgufType type, double bound)
    {
        foreach (var name in (string[])["llama", "qwen3", "bailingmoe", "qwen3moe"])
        {
            using var model = TinyModels.Create(TinyModels.All[name] with { NumExpertsPerTok = 4 });
            model.SaveGguf(FilePath, TinyModels.Tokenizer, new GgufOptions { Type = type });
            using var stored = ModelWeights.LoadModel(FilePath);
            stored.eval();
            using var theirs = new LlamaCppModel(FilePath);

            var difference = Texts.Max(text => LargestDifference(stored, theirs, TinyModels.Tokenizer.Encode(Prompt(text))));

            TestContext.Current.TestOutputHelper?.WriteLine($"{name} {type}: {difference:g3}");
            Assert.InRange(difference, 0, bound);
        }
    }

    private static string Prompt(string text) =>
        TinyModels.Tokenizer.ChatTemplate.RenderText([new ChatTurn("user", text)], new ChatTemplateOptions { AddGenerationPrompt = true });

    /// <summary>The largest difference of two logits, as a part of the largest logit.</summary>
    private static double LargestDifference(MiniMindLM model, LlamaCppModel theirs, int[] ids)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var ours = model.forward(tensor(ids, int64).unsqueeze(0)).Logits.squeeze(0);
        var other = theirs.Logits(ids);
        var all = ours.data<float>().ToArray();
        var flat = other.SelectMany(row => row).ToArray();
        Assert.Equal(all.Length, flat.Length);
        return all.Zip(flat, (a, b) => Math.Abs(a - b)).Max() / Math.Abs(TensorPrimitives.MaxMagnitude<float>(all));
    }
}
