using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests;

public sealed class GgufFileTests : IDisposable
{
    private static readonly LMConfig Tiny = new() { Dim = 64, NLayers = 2, NHeads = 4, NKVHeads = 2, HiddenDim = 96, VocabSize = 300, MaxSeqLen = 64 };

    private static readonly Dictionary<string, LMConfig> Models = new()
    {
        ["dense"] = Tiny,
        ["dense, published width"] = Tiny with { HiddenDim = null, MoeHiddenDim = null },
        ["untied"] = Tiny with { UntiedOutput = true, RopeTheta = 1e4, NormEps = 1e-6 },
        ["heads of another width"] = Tiny with { HeadDim = 32 },
        ["query norms"] = Tiny with { QKNorm = true },
        ["Llama 3's scaling"] = Tiny with { MaxSeqLen = 16384, RopeScaling = new RopeScaling { Type = RopeScalingType.Llama3, Factor = 8, OriginalMaxSeqLen = 8192 } },
        ["MiniMind's YaRN"] = Tiny with { MaxSeqLen = 32768, RopeScaling = new RopeScaling() },
        ["linear scaling"] = Tiny with { RopeScaling = new RopeScaling { Type = RopeScalingType.Linear, Factor = 4 } },
        ["linear scaling by keys"] = Tiny with { QKNorm = true, RopeScaling = new RopeScaling { Type = RopeScalingType.Linear, Factor = 4 } },
        ["experts"] = Tiny with { UseMoe = true, UseSharedExpert = false },
        ["a shared expert"] = Tiny with { UseMoe = true },
        ["experts and query norms"] = Tiny with { UseMoe = true, UseSharedExpert = false, QKNorm = true, NormTop1Prob = true, MoeHiddenDim = 32, HiddenDim = 32 },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-gguf-").FullName;
    private readonly MiniMindTokenizer _tokenizer = new BpeTrainer(new() { VocabSize = 290 }).Train(["some text to learn from, some more text"]);
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Names => [.. Models.Keys];

    private string FilePath => Path.Combine(_folder, "model.gguf");

    public void Dispose()
    {
        _scope.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_model_comes_back_to_the_last_bit(string name)
    {
        using var model = new MiniMindLM(Models[name], seed: 5);
        model.SaveGguf(FilePath, _tokenizer, new GgufOptions { Type = GgufType.F32 });

        using var loaded = ModelWeights.LoadModel(FilePath);

        Assert.Equal(ForInference(model.Config) with { HiddenDim = null, MoeHiddenDim = null }, ForInference(loaded.Config) with { HiddenDim = null, MoeHiddenDim = null });
        Assert.Equal((model.Config.ResolvedHiddenDim, model.Config.ResolvedMoeHiddenDim), (loaded.Config.ResolvedHiddenDim, loaded.Config.ResolvedMoeHiddenDim));
        var state = loaded.state_dict();
        foreach (var (key, value) in model.state_dict())
            Assert.True(value.equal(state[key]).all().item<bool>(), key);
        var ids = arange(24).view(2, 12);
        model.eval();
        using var noGrad = no_grad();
        Assert.True(model.forward(ids).Logits.equal(loaded.forward(ids).Logits).all().item<bool>());
    }

    [Theory]
    [InlineData(GgufType.F16, ScalarType.Float16)]
    [InlineData(GgufType.BF16, ScalarType.BFloat16)]
    public void Rounded_weights_come_back_rounded(GgufType type, ScalarType dtype)
    {
        using var model = new MiniMindLM(Tiny, seed: 5);
        model.SaveGguf(FilePath, _tokenizer, new GgufOptions { Type = type });

        using var loaded = ModelWeights.LoadModel(FilePath);

        var expected = model.state_dict()["layers.1.attention.wk.weight"].to_type(dtype).to_type(ScalarType.Float32);
        Assert.True(expected.equal(loaded.state_dict()["layers.1.attention.wk.weight"]).all().item<bool>());
    }

    [Fact]
    public void Blocks_come_back_within_half_a_step_of_their_scale()
    {
        using var model = new MiniMindLM(Tiny, seed: 5);
        model.SaveGguf(FilePath, _tokenizer, new GgufOptions { Type = GgufType.Q8 });

        using var file = GgufFile.Open(FilePath);
        var read = file.Read("layers.0.feed_forward.w1.weight").view(-1, Q8Block.Size).data<float>().ToArray().Chunk(Q8Block.Size);
        var wanted = model.state_dict()["layers.0.feed_forward.w1.weight"].detach().view(-1, Q8Block.Size).data<float>().ToArray().Chunk(Q8Block.Size);

        Assert.Equal("Q8_0", file.Tensors["layers.0.feed_forward.w1.weight"].ElementType);
        foreach (var (a, b) in wanted.Zip(read))
            Assert.All(a.Zip(b), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 0.51f * a.Max(Math.Abs) / 127 + (a.Max(Math.Abs) / 2000)));
        ModelWeights.LoadModel(FilePath).Dispose();
    }

    [Fact]
    public void The_tokenizer_comes_back_with_its_ids_and_its_template()
    {
        using var model = new MiniMindLM(Tiny, seed: 5);
        model.SaveGguf(FilePath, _tokenizer, new GgufOptions { Type = GgufType.F16 });

        var read = GgufModel.LoadTokenizer(FilePath);

        foreach (var text in new[] { "some text, more text", "<s>user\nhi</s>", "\u00e9\ud83d\ude00 \u4f60\u597d  \t1234" })
            Assert.Equal(_tokenizer.Encode(text, allowSpecial: true), read.Encode(text, allowSpecial: true));
        Assert.Equal(_tokenizer.ChatTemplate, read.ChatTemplate);
        Assert.Equal((_tokenizer.BosTokenId, _tokenizer.EosTokenId, _tokenizer.PadTokenId, _tokenizer.VocabSize), (read.BosTokenId, read.EosTokenId, read.PadTokenId, read.VocabSize));
        read.Save(_folder);
        Assert.Equal(_tokenizer.Encode("some text"), MiniMindTokenizer.FromDirectory(_folder).Encode("some text"));
    }

    [Theory]
    [InlineData("gpt2", "llam", "tokenizer.ggml.model is \"llam\"; expected gpt2")]
    [InlineData("gpt-2", "poro2", "tokenizer.ggml.pre is \"poro2\"; expected gpt-2, llama-bpe, qwen2 or smollm")]
    [InlineData("tokenizer.ggml.merges", "tokenizer.ggml.mergeS", "tokenizer.ggml.merges is missing; expected an array")]
    public void A_tokenizer_of_another_kind_is_refused_by_its_key(string from, string to, string problem)
    {
        using var model = new MiniMindLM(Tiny, seed: 5);
        model.SaveGguf(FilePath, _tokenizer, new GgufOptions { Type = GgufType.F16 });
        var bytes = File.ReadAllBytes(FilePath);
        System.Text.Encoding.ASCII.GetBytes(to, bytes.AsSpan(bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(from))));
        File.WriteAllBytes(FilePath, bytes);

        Assert.Contains(problem, Assert.Throws<TokenizerException>(() => GgufModel.LoadTokenizer(FilePath)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_read_is_refused_by_its_name()
    {
        using var model = new MiniMindLM(Tiny, seed: 5);
        model.SaveGguf(FilePath, _tokenizer, new GgufOptions { Type = GgufType.F32 });
        var bytes = File.ReadAllBytes(FilePath);

        Refused(Changed("llama"u8, "gemma"u8), typeof(LMConfigException), "general.architecture is \"gemma\"; expected llama, qwen3, qwen3moe or bailingmoe");
        Refused(Changed("llama.block_count"u8, "llama.block_cOunt"u8), typeof(LMConfigException), "llama.block_count is missing; expected a whole number");
        Refused(bytes[..^100], typeof(WeightFileException), "is beyond the file's end");
        Refused(bytes[..200], typeof(WeightFileException), "the file ends within its header");
        Refused([.. "GGUF"u8, 0, 0, 0, 3, .. bytes[8..]], typeof(WeightFileException), "the version is 50331648; expected 2 or 3, little-endian");
        Refused(WithTypeOfFirstTensor(12), typeof(WeightFileException), "its elements are Q4_K, which are not read");

        void Refused(byte[] file, Type type, string problem)
        {
            File.WriteAllBytes(FilePath, file);
            var exception = Assert.Throws(type, () => ModelWeights.LoadModel(FilePath));
            Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
            Assert.Contains(FilePath, exception.Message, StringComparison.Ordinal);
        }

        byte[] Changed(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
        {
            var changed = bytes.ToArray();
            to.CopyTo(changed.AsSpan(changed.AsSpan().IndexOf(from)));
            return changed;
        }

        byte[] WithTypeOfFirstTensor(byte type)
        {
            var changed = bytes.ToArray();
            var name = "token_embd.weight"u8;
            changed[changed.AsSpan().LastIndexOf(name) + name.Length + 4 + 16] = type;
            return changed;
        }
    }

    /// <summary>A GGUF file has nothing of what is for training only.</summary>
    private static LMConfig ForInference(LMConfig config) => config with
    {
        NormTop1Prob = false,
        AuxLossAlpha = 0,
        SeqAux = true,
        Dropout = 0,
    };
}
