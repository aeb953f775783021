using System.Runtime.InteropServices;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests;

public sealed class GgufModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-gguf-").FullName;
    private readonly MiniMindTokenizer _tokenizer = new BpeTrainer(new() { VocabSize = 300 }).Train(["some text to learn from, some more text"], TestContext.Current.CancellationToken);
    private readonly DisposeScope _scope = NewDisposeScope();

    private LMConfig Tiny => new() { Dim = 64, NLayers = 2, NHeads = 4, NKVHeads = 2, HiddenDim = 96, VocabSize = _tokenizer.VocabSize + 3, MaxSeqLen = 64 };

    private string FilePath => Path.Combine(_folder, "model.gguf");

    public void Dispose()
    {
        _scope.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_dense_model_is_llamas_with_weights_as_they_are()
    {
        using var model = new MiniMindLM(Tiny, seed: 1);

        var file = Save(model, GgufType.F32);

        Assert.Equal("llama", file.Metadata["general.architecture"]);
        Assert.Equal((64u, 2u, 4u, 96u), (
            file.Metadata["llama.embedding_length"], file.Metadata["llama.attention.head_count_kv"], file.Metadata["llama.attention.head_count"], file.Metadata["llama.feed_forward_length"]));
        Assert.Equal(1e6f, file.Metadata["llama.rope.freq_base"]);
        var state = model.state_dict();
        Assert.Equal(state.Count - 1, file.Tensors.Count);
        foreach (var (name, gguf) in new Dictionary<string, string>
        {
            ["tok_embeddings.weight"] = "token_embd.weight",
            ["layers.1.attention.wq.weight"] = "blk.1.attn_q.weight",
            ["layers.0.feed_forward.w2.weight"] = "blk.0.ffn_down.weight",
            ["norm.weight"] = "output_norm.weight",
        })
        {
            Assert.Equal(state[name].shape.Reverse(), file.Tensors[gguf].Sizes);
            Assert.Equal(state[name].bytes.ToArray(), file.Tensors[gguf].Data);
        }
    }

    [Fact]
    public void The_tokenizer_goes_with_its_types_merges_ids_and_template()
    {
        using var model = new MiniMindLM(Tiny, seed: 1);

        var metadata = Save(model, GgufType.F16).Metadata;

        var (tokens, types) = ((object[])metadata["tokenizer.ggml.tokens"], (object[])metadata["tokenizer.ggml.token_type"]);
        Assert.Equal(("gpt2", "gpt-2", false), (metadata["tokenizer.ggml.model"], metadata["tokenizer.ggml.pre"], metadata["tokenizer.ggml.add_bos_token"]));
        Assert.Equal(Tiny.VocabSize, tokens.Length);
        Assert.Equal((uint)_tokenizer.EosTokenId!, metadata["tokenizer.ggml.eos_token_id"]);
        Assert.All(_tokenizer.AddedTokens, t => Assert.Equal((t.Content, t.Id == _tokenizer.UnknownTokenId ? 2 : t.IsSpecial ? 3 : 4), (tokens[t.Id], types[t.Id])));
        Assert.Equal([5, 5, 5], types[^3..]);
        Assert.Equal(tokens.Length, tokens.Distinct().Count());
        Assert.Equal(_tokenizer.Merges.Select(m => $"{tokens[m.Left]} {tokens[m.Right]}"), (object[])metadata["tokenizer.ggml.merges"]);
        Assert.Equal(_tokenizer.ChatTemplateSource, metadata["tokenizer.chat_template"]);
    }

    [Theory]
    [InlineData(GgufType.F16, 1, ScalarType.Float16)]
    [InlineData(GgufType.BF16, 32, ScalarType.BFloat16)]
    public void Matrices_are_rounded_and_vectors_are_not(GgufType type, int fileType, ScalarType dtype)
    {
        using var model = new MiniMindLM(Tiny, seed: 1);

        var file = Save(model, type);

        Assert.Equal((uint)fileType, file.Metadata["general.file_type"]);
        Assert.All(file.Tensors.Values, t => Assert.Equal(t.Sizes.Length == 1 ? 0 : (int)type, t.Type));
        Assert.Equal(model.state_dict()["layers.0.attention.wv.weight"].to_type(dtype).bytes.ToArray(), file.Tensors["blk.0.attn_v.weight"].Data);
    }

    [Fact]
    public void Blocks_of_Q8_are_ggmls_own_bytes()
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(GoldenFiles.Kept("gguf", "q8_0.json")));
        var values = MemoryMarshal.Cast<byte, float>(Convert.FromHexString(golden.RootElement.GetProperty("values_hex").GetString()!)).ToArray();
        using var stream = new MemoryStream();

        Q8Block.Write(values, stream);

        Assert.Equal(golden.RootElement.GetProperty("blocks_hex").GetString(), Convert.ToHexStringLower(stream.ToArray()));
    }

    [Fact]
    public void Rows_that_are_not_whole_blocks_stay_F16()
    {
        using var model = new MiniMindLM(Tiny with { HiddenDim = 80 }, seed: 1);

        var file = Save(model, GgufType.Q8);

        Assert.Equal((1, 8), (file.Tensors["blk.0.ffn_down.weight"].Type, file.Tensors["blk.0.ffn_up.weight"].Type));
    }

    [Theory]
    [InlineData(true, false, "bailingmoe")]
    [InlineData(false, false, "llama")]
    [InlineData(false, true, "qwen3moe")]
    public void A_mixture_of_experts_gets_the_architecture_that_computes_it(bool shared, bool qkNorm, string architecture)
    {
        using var model = new MiniMindLM(Tiny with { UseMoe = true, UseSharedExpert = shared, QKNorm = qkNorm }, seed: 1);

        var file = Save(model, GgufType.F32);

        Assert.Equal(architecture, file.Metadata["general.architecture"]);
        Assert.Equal([64L, 96, 4], file.Tensors["blk.1.ffn_gate_exps.weight"].Sizes);
        var expert = model.state_dict()["layers.1.feed_forward.experts.3.w1.weight"].bytes.ToArray();
        Assert.Equal(expert, file.Tensors["blk.1.ffn_gate_exps.weight"].Data[^expert.Length..]);
        Assert.Equal(shared, file.Tensors.ContainsKey("blk.0.ffn_up_shexp.weight"));
        Assert.Equal(shared, file.Tensors.ContainsKey("output.weight"));
    }

    [Fact]
    public void What_llama_cpp_cannot_compute_is_refused_and_nothing_is_written()
    {
        LMConfig[] configs =
        [
            Tiny with { UseMoe = true, QKNorm = true },
            Tiny with { UseMoe = true, UseSharedExpert = false, NormTopkProb = false },
            Tiny with { QKNorm = true, RopeScaling = new RopeScaling { Type = RopeScalingType.Llama3 } },
        ];
        foreach (var config in configs)
        {
            using var model = new MiniMindLM(config, seed: 1);
            Assert.Contains("cannot be expressed in GGUF", Assert.Throws<NotSupportedException>(() => model.SaveGguf(FilePath, _tokenizer)).Message, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void A_tokenizer_with_more_ids_than_the_model_is_refused()
    {
        using var model = new MiniMindLM(Tiny with { VocabSize = 100 }, seed: 1);

        Assert.Contains("expected at most the model's 100", Assert.Throws<ArgumentException>(() => model.SaveGguf(FilePath, _tokenizer)).Message, StringComparison.Ordinal);
    }

    private GgufContents Save(MiniMindLM model, GgufType type)
    {
        model.SaveGguf(FilePath, _tokenizer, new GgufOptions { Type = type });
        return new GgufContents(FilePath);
    }
}
