using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests;

public class DecodingSessionTests
{
    /// <summary>Long enough that the cache grows twice; one row leaves on the way.</summary>
    [Theory]
    [InlineData(ScalarType.Float32, MatrixLibrary.Mkl, 1e-4)]
    [InlineData(ScalarType.Float32, MatrixLibrary.OneDnn, 1e-4)]
    [InlineData(ScalarType.BFloat16, MatrixLibrary.Auto, 5e-2)]
    public void Cached_scores_are_those_of_the_whole_sequence(ScalarType dtype, MatrixLibrary library, double tolerance)
    {
        using var model = new MiniMindLM(new() { Dim = 32, NLayers = 2, NHeads = 4, NKVHeads = 2, VocabSize = 100, MaxSeqLen = 256 }, seed: 3) { ComputeType = dtype };
        model.Precision.Fp32Products = new(library, 0, 0);
        model.eval();
        var random = new Random(1);
        List<int>[] rows = [.. new[] { 50, 3, 61 }.Select(length => Enumerable.Range(0, length).Select(_ => random.Next(100)).ToList())];
        int[][] prompts = [.. rows.Select(row => row.ToArray())];
        using var session = new DecodingSession(model, prompts);
        session.Prefill(prompts).Dispose();

        for (var step = 0; step < 100; step++)
        {
            if (step == 40)
            {
                session.KeepRows([0, 1]);
                rows = rows[..2];
            }

            int[] next = [.. rows.Select(_ => random.Next(100))];
            using var scores = session.Step(next);
            for (var i = 0; i < rows.Length; i++)
            {
                rows[i].Add(next[i]);
                if (step % 13 == 0)
                {
                    using var scope = NewDisposeScope();
                    using var noGrad = no_grad();
                    var expected = model.forward(tensor(rows[i].Select(id => (long)id).ToArray(), [1, rows[i].Count])).Logits[0, rows[i].Count - 1];
                    TensorAssert.Close(expected, scores[i], tolerance, $"row {i} of step {step}");
                }
            }
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Sessions_share_the_packed_weights_and_the_last_one_frees_them(ScalarType dtype)
    {
        using var model = new MiniMindLM(new() { Dim = 32, NLayers = 1, NHeads = 2, VocabSize = 100, MaxSeqLen = 64 }, seed: 3) { ComputeType = dtype };
        model.Precision.Fp32Products = new(MatrixLibrary.OneDnn, 0, 0);
        var module = model.OutputProjection;
        var before = LiveTensors.CountWithoutGarbage();

        var first = new DecodingSession(model, [[1, 2]]);
        var packed = module.Packed;
        Assert.SkipWhen(packed is null, "this processor has no bf16 instructions that oneDNN packs weights for");
        var second = new DecodingSession(model, [[1, 2]]);
        Assert.Same(packed, module.Packed);
        first.Dispose();
        using (var scores = second.Prefill([[1, 2]]))
            Assert.Equal([1, 100], scores.shape);
        second.Dispose();

        Assert.Null(module.Packed);
        Assert.Equal(before, Tensor.TotalCount);
    }
}
