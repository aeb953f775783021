using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Inference.Tests.Generation;

/// <summary>Texts of the managed engine.</summary>
public sealed class InferenceModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-").FullName;
    private readonly MiniMindTokenizer _tokenizer = new BpeTrainer(new() { VocabSize = 300 }).Train(["the quick brown fox jumps over the lazy dog", "pack my box with five dozen jugs"]);
    private readonly MiniMindLM _model;

    public InferenceModelTests()
    {
        _model = new MiniMindLM(new() { Dim = 64, NLayers = 2, NHeads = 4, NKVHeads = 2, VocabSize = _tokenizer.VocabSize, MaxSeqLen = 256 }, seed: 4);
        _model.SaveModel(_folder, new() { Tokenizer = _tokenizer });
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _model.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Greedy_tokens_are_those_of_the_TorchSharp_model()
    {
        var random = new Random(1);
        int[][] prompts = [.. Enumerable.Range(0, 200).Select(_ => Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(_tokenizer.VocabSize)).ToArray())];
        var options = new GenerationOptions { MaxNewTokens = 64, StopTokens = [] };
        using var expected = new TextGenerator(_model, _tokenizer);
        using var model = InferenceModel.Load(_folder);
        using var found = new TextGenerator(model, _tokenizer);

        Assert.Equal(expected.Generate(prompts, options, Cancel).Select(t => t.Ids), found.Generate(prompts, options, Cancel).Select(t => t.Ids));
    }

    [Fact]
    public void Sampled_tokens_are_those_of_the_TorchSharp_model_with_the_same_seed()
    {
        int[][] prompts = [[1, 2, 3], [7, 8], [40, 41, 42, 43, 44]];
        var options = new GenerationOptions { MaxNewTokens = 40, Temperature = 0.8, TopP = 0.9, RepetitionPenalty = 1.1, Seed = 5, StopTokens = [] };
        using var expected = new TextGenerator(_model, _tokenizer);
        using var model = InferenceModel.Load(_folder);
        using var found = new TextGenerator(model, _tokenizer);

        Assert.Equal(expected.Generate(prompts, options, Cancel).Select(t => t.Ids), found.Generate(prompts, options, Cancel).Select(t => t.Ids));
    }

    [Theory]
    [InlineData(WeightFormat.Float32)]
    [InlineData(WeightFormat.BFloat16)]
    [InlineData(WeightFormat.Int8)]
    public void What_a_prompt_gives_does_not_depend_on_the_others(WeightFormat format)
    {
        using var model = InferenceModel.Load(_folder, new() { Weights = format, Threads = 3 });
        int[][] prompts = [.. Enumerable.Range(1, 9).Select(i => Enumerable.Range(0, i * 7).Select(t => (t * i) % _tokenizer.VocabSize).ToArray())];
        var together = TorchParityTests.Scores(model, prompts, steps: 3);
        for (var i = 0; i < prompts.Length; i++)
        {
            var alone = ((IGenerativeModel)model).Use(() =>
            {
                using var session = ((IGenerativeModel)model).BeginSession([prompts[i]]);
                return session.Prefill([prompts[i]]).ToArray();
            });
            Assert.Equal(alone, together[0].AsSpan(i * _tokenizer.VocabSize, _tokenizer.VocabSize).ToArray());
        }
    }

    [Theory]
    [InlineData(WeightFormat.BFloat16, false)]
    [InlineData(WeightFormat.Int8, false)]
    [InlineData(WeightFormat.BFloat16, true)]
    [InlineData(WeightFormat.Int8, true)]
    public void Weights_of_fewer_bits_give_the_scores_of_a_TorchSharp_model_with_the_rounded_weights(WeightFormat format, bool hasExperts)
    {
        // Of so many rows some go to every expert; and two passes of it, because what a pass takes of the team must be there again for the next.
        int[][] prompts = [[.. Enumerable.Range(0, 100)], [9, 10]];
        using var rounded = new MiniMindLM(_model.Config with { UseMoe = hasExperts, NRoutedExperts = 6 }, seed: 4);
        var folder = Path.Combine(_folder, "exact");
        rounded.SaveModel(folder);
        using var model = InferenceModel.Load(folder, new() { Weights = format });
        Round(rounded, format);

        Assert.InRange(TorchParityTests.Difference(TorchParityTests.Scores(rounded, prompts, steps: 10), TorchParityTests.Scores(model, prompts, steps: 10)), 0, 1e-5);
    }

    /// <summary>Rounds all matrices but the routers'.</summary>
    private static void Round(MiniMindLM model, WeightFormat format)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, weight) in model.named_parameters().Where(p => p.parameter.dim() == 2 && !p.name.EndsWith("gate.weight", StringComparison.Ordinal)))
        {
            using Scalar most = 127;
            var scale = weight.abs().amax([1], keepdim: true) / most;
            weight.copy_(format == WeightFormat.BFloat16 ? weight.to_type(ScalarType.BFloat16).to_type(ScalarType.Float32) : (weight / scale).round() * scale);
        }
    }

    [Fact]
    public void GGUF_files_and_files_in_parts_are_read()
    {
        int[][] prompts = [[1, 2, 3], [4, 5]];
        var expected = TorchParityTests.Scores(_model, prompts, steps: 4);
        var gguf = Path.Combine(_folder, "model.gguf");
        _model.SaveGguf(gguf, _tokenizer, new() { Type = GgufType.F32 });
        var parts = Path.Combine(_folder, "parts");
        _model.SaveModel(parts, new() { MaxShardBytes = 100_000, DType = TorchSharp.torch.ScalarType.Float32 });

        foreach (var path in (string[])[gguf, parts])
        {
            using var model = InferenceModel.Load(path);
            Assert.InRange(TorchParityTests.Difference(expected, TorchParityTests.Scores(model, prompts, steps: 4)), 0, 1e-5);
        }
    }

    [Fact]
    public void Weights_that_are_not_finite_are_refused_and_so_is_a_file_that_is_cut_short()
    {
        var file = Path.Combine(_folder, "model.safetensors");
        var bytes = File.ReadAllBytes(file);
        foreach (var mapped in (bool[])[true, false])
        {
            var damaged = bytes.ToArray();
            BitConverter.TryWriteBytes(damaged.AsSpan(damaged.Length - 40), float.NaN);
            File.WriteAllBytes(file, damaged);
            Assert.Contains("not finite", Assert.Throws<WeightFileException>(() => InferenceModel.Load(_folder, new() { UseMemoryMapping = mapped })).Message, StringComparison.Ordinal);
            File.WriteAllBytes(file, bytes[..^100]);
            Assert.Throws<WeightFileException>(() => InferenceModel.Load(_folder, new() { UseMemoryMapping = mapped }));
        }

        Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => InferenceModel.Load(_folder, new() { Threads = 0 }));
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        using var model = InferenceModel.Load(_folder);
        ((IGenerativeModel)model).Use(() =>
        {
            using var session = ((IGenerativeModel)model).BeginSession([[1], [2]]);
            session.Prefill([[1], [2]]);
            int[] tokens = [3, 4];
            for (var i = 0; i < 20; i++)
                session.Step(tokens);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
                session.Step(tokens);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            return true;
        });
    }

    [Fact]
    public void Many_generations_leave_memory_as_it_was()
    {
        using var model = InferenceModel.Load(_folder, new() { Threads = 1 });
        using var generator = new TextGenerator(model, _tokenizer);
        var options = new GenerationOptions { MaxNewTokens = 3, StopTokens = [] };
        void Generate(int count)
        {
            for (var i = 0; i < count; i++)
                generator.Generate([[1, 2, 3]], options, Cancel);
        }

        Generate(500);
        var before = Memory();
        Generate(9_500);
        Assert.InRange(Memory() - before, long.MinValue, 8 << 20);

        static long Memory()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            using var process = Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }

    [Fact]
    public async Task A_thousand_requests_at_a_time_are_all_served_with_their_own_text()
    {
        using var model = InferenceModel.Load(_folder);
        var options = new GenerationOptions { MaxNewTokens = 6, StopTokens = [] };
        using var one = new TextGenerator(model, _tokenizer);
        var expected = Enumerable.Range(0, 10).Select(i => one.Generate([[i, i + 1]], options, Cancel)[0].Ids).ToList();

        var all = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Task.Run(
            () =>
            {
                using var own = new TextGenerator(model, _tokenizer);
                return own.Generate([[i % 10, (i % 10) + 1]], options, Cancel)[0].Ids;
            },
            Cancel)));

        Assert.All(all.Index(), found => Assert.Equal(expected[found.Index % 10], found.Item));
    }

    [Fact]
    public void A_text_can_be_cancelled_at_any_token()
    {
        using var model = InferenceModel.Load(_folder);
        using var generator = new TextGenerator(model, _tokenizer);
        for (var at = 1; at < 20; at++)
        {
            using var source = new CancellationTokenSource();
            var (pieces, stops) = (0, at);
            var options = new GenerationOptions { MaxNewTokens = 100, StopTokens = [] };
            var running = generator.ContinueAsync([1, 2], options, _ =>
            {
                if (++pieces == stops)
                    source.Cancel();
            }, source.Token);
            Assert.ThrowsAny<OperationCanceledException>(() => running.GetAwaiter().GetResult());
        }

        Assert.Equal(5, generator.Generate([[1, 2]], new() { MaxNewTokens = 5, StopTokens = [] }, Cancel)[0].Ids.Count);
    }

    [Fact]
    public void A_model_that_is_disposed_says_so()
    {
        var model = InferenceModel.Load(_folder);
        using var generator = new TextGenerator(model, _tokenizer);
        model.Dispose();
        model.Dispose();

        Assert.Throws<ObjectDisposedException>(() => generator.Generate([[1]], cancellationToken: Cancel));
    }
}
