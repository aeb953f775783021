using System.Text;
using System.Text.Json;
using static TorchSharp.torch;

namespace MiniMind.Tests;

/// <summary>Inputs that are well-formed but say what no writer says get a documented exception, in bounded time and memory. Checkpoint states and token
/// caches are the Training tests' share.</summary>
public sealed class StructuredMutationTests : IDisposable
{
    private const int Runs = 10;
    private const int DefaultInputs = 9_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-structured-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Tokenizers_vocabularies()
    {
        SmallTokenizer().Save(_folder);

        CheckTokenizer(MiniMindTokenizer.TokenizerFileName, [File.ReadAllBytes(Path.Combine(_folder, MiniMindTokenizer.TokenizerFileName))]);
    }

    [Fact]
    public void Tokenizers_settings()
    {
        SmallTokenizer().Save(_folder);

        CheckTokenizer(
            MiniMindTokenizer.SettingsFileName,
            [
                File.ReadAllBytes(Path.Combine(_folder, MiniMindTokenizer.SettingsFileName)),
                """{"bos_token": {"content": "<s>", "lstrip": false}, "eos_token": "</s>", "pad_token": null, "chat_template": "{{ messages }}", "added_tokens_decoder": {"0": {"content": "<unk>"}}}"""u8.ToArray(),
            ]);
    }

    /// <summary>The structures that Llama 3, Qwen and SmolLM are published with.</summary>
    [Theory]
    [InlineData("llama-bpe")]
    [InlineData("qwen2")]
    [InlineData("smollm")]
    public void Tokenizers_of_a_published_structure(string family)
    {
        new BpeTrainer(new BpeTrainerOptions { VocabSize = 400, AddedTokens = ["<think>", "</think>"], Family = BpeFamily.All.Single(f => f.GgufName == family) })
            .Train(Tokenizers.TrainingLines.Take(200), TestContext.Current.CancellationToken).Save(_folder);

        CheckTokenizer(MiniMindTokenizer.TokenizerFileName, [File.ReadAllBytes(Path.Combine(_folder, MiniMindTokenizer.TokenizerFileName))]);
    }

    [Fact]
    public void Generation_configurations()
    {
        byte[][] valid =
        [
            """{"do_sample": true, "temperature": 0.6, "top_p": 0.95, "top_k": 20, "eos_token_id": [1, 2], "repetition_penalty": 1.1, "max_new_tokens": 50}"""u8.ToArray(),
            """{"eos_token_id": 2, "pad_token_id": 0, "num_beams": 1, "min_p": 0.05, "max_length": 2048, "transformers_version": "4.51.0"}"""u8.ToArray(),
        ];

        Run().Check(
            (i, random) => JsonMutation.Of(valid[i % valid.Length], random),
            bytes =>
            {
                File.WriteAllBytes(Path.Combine(_folder, GenerationConfigFile.FileName), bytes);
                var (options, _) = GenerationConfigFile.Read(_folder, [2], 300);
                options.Validate();
                Assert.All(options.StopTokens ?? [], id => Assert.InRange(id, 0, 299));
            },
            e => e is LMConfigException);
    }

    [Fact]
    public void Configurations_of_the_reference() => CheckConfigurations(
        Encoding.UTF8.GetBytes(new LMConfig().ToJson()),
        Encoding.UTF8.GetBytes(new LMConfig { UseMoe = true, RopeScaling = new() }.ToJson()),
        Encoding.UTF8.GetBytes(new LMConfig { QKNorm = true, HeadDim = 32, UntiedOutput = true, MoeHiddenDim = 4 }.ToJson()));

    [Fact]
    public void Configurations_of_Hugging_Face() => CheckConfigurations(
        [.. ((string[])["minimind2_moe", "minimind3_yarn", "llama3_scaled", "qwen3_moe"]).Select(name => File.ReadAllBytes(Path.Combine(Variant.Directory(name), "config.json")))]);

    [Fact]
    public void Indexes_of_several_files()
    {
        using var model = new MiniMindLM(new LMConfig { Dim = 16, NLayers = 1, NHeads = 2, NKVHeads = 1, VocabSize = 300, MaxSeqLen = 64 }, seed: 1);
        model.SaveModel(_folder, new ModelSaveOptions { MaxShardBytes = 8000 });
        var index = Path.Combine(_folder, WeightFile.SafeTensors + WeightFile.IndexSuffix);
        var valid = File.ReadAllBytes(index);

        Run().Check(
            (_, random) => JsonMutation.Of(valid, random),
            bytes =>
            {
                File.WriteAllBytes(index, bytes);
                ModelWeights.LoadModel(_folder).Dispose();
            },
            e => e is WeightFileException or WeightMismatchException or FileNotFoundException);
    }

    [Fact]
    public void Pickles()
    {
        var path = Path.Combine(_folder, "weights.pth");
        // Loading libtorch is no part of the first tensor's time.
        TorchRuntime.EnsureAvailable();

        Run().Check(
            (_, random) => PickleMutation.Archive(PickleMutation.Next(random)),
            bytes =>
            {
                File.WriteAllBytes(path, bytes);
                using var scope = NewDisposeScope();
                using var file = WeightFile.Open(path);
                foreach (var name in file.Tensors.Keys)
                    file.Read(name);
            },
            e => e is WeightFileException);
    }

    [Fact]
    public void Gguf_files()
    {
        var path = Path.Combine(_folder, "model.gguf");
        var tokenizer = SmallTokenizer();
        byte[][] valid = [.. ((LMConfig[])[Small, Small with { UseMoe = true, UseSharedExpert = false }, Small with { QKNorm = true }]).Select(config =>
        {
            using var model = new MiniMindLM(config, seed: 1);
            model.SaveGguf(path, tokenizer, new GgufOptions { Type = GgufType.Q8 });
            return File.ReadAllBytes(path);
        })];

        Run().Check(
            (i, random) => GgufMutation.Of(valid[i % valid.Length], random),
            bytes =>
            {
                File.WriteAllBytes(path, bytes);
                ModelWeights.LoadModel(path).Dispose();
            },
            e => e is WeightFileException or LMConfigException or WeightMismatchException);
    }

    private static LMConfig Small => new() { Dim = 32, NLayers = 1, NHeads = 2, NKVHeads = 1, HiddenDim = 32, VocabSize = 300, MaxSeqLen = 64 };

    private static MutationRun Run(int bytesAnInput = 4 << 20) => new(Runs, DefaultInputs) { BytesAnInput = bytesAnInput };

    private static MiniMindTokenizer SmallTokenizer() => new BpeTrainer(new BpeTrainerOptions { VocabSize = 290 }).Train(["the cat sat on the mat", "a dog"]);

    private static void CheckConfigurations(params byte[][] valid) => Run().Check(
        (i, random) => JsonMutation.Of(valid[i % valid.Length], random), bytes => LMConfig.FromJson(Encoding.UTF8.GetString(bytes)), e => e is LMConfigException);

    private void CheckTokenizer(string file, byte[][] valid) =>
        // A vocabulary has a place of eight bytes for each id up to a million.
        Run(16 << 20).Check(
            (i, random) => JsonMutation.Of(valid[i % valid.Length], random),
            bytes =>
            {
                File.WriteAllBytes(Path.Combine(_folder, file), bytes);
                var tokenizer = MiniMindTokenizer.FromDirectory(_folder);
                var ids = tokenizer.Encode("the cat <s> sat\u00e9 </s>\n\n");
                tokenizer.Decode(ids, skipSpecial: false);
                tokenizer.EncodeChat([new("user", "hi</s>"), new("assistant", "<think>x</think>")]);
            },
            e => e is TokenizerException or ChatTemplateException);
}
