using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests.Kernels;

public class CausalAttentionTests
{
    private const MatrixLibrary Library = MatrixLibrary.Mkl;

    [Theory]
    [InlineData(2, 2)]
    [InlineData(127, 2)]
    [InlineData(128, 1)]
    [InlineData(129, 8)]
    [InlineData(300, 2)]
    public void Blocks_give_the_stock_kernels_values_and_gradients(int length, int kvHeads)
    {
        using var scope = NewDisposeScope();
        var (stock, blocks) = (Inputs(length, kvHeads, ScalarType.Float32), Inputs(length, kvHeads, ScalarType.Float32));
        var weight = randn(2, length, 8, 16);

        var expected = Stock(stock);
        var actual = CausalAttention.Attend(blocks[0], blocks[1], blocks[2], Rows(length), Library);
        (expected * weight).sum().backward();
        (actual * weight).sum().backward();

        TensorAssert.Close(expected, actual, 1e-5, "output");
        foreach (var (name, a, b) in Pairs(stock, blocks))
            TensorAssert.Close(a, b, 1e-5, $"gradient of {name}");
    }

    [Fact]
    public void A_segment_attends_to_itself_only()
    {
        using var scope = NewDisposeScope();
        var whole = Inputs(200, 2, ScalarType.Float32);
        int[] segments = [1, 60, 139];

        var packed = CausalAttention.Attend(whole[0], whole[1], whole[2], SequenceLayout.Packed(segments), Library);

        var start = 0;
        foreach (var length in segments)
        {
            var alone = Stock([.. whole.Select(x => x.narrow(1, start, length))]);
            TensorAssert.Close(alone, packed.narrow(1, start, length), 1e-5, $"segment at {start}");
            start += length;
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.BFloat16, 0.02)]
    public void Conversations_that_share_their_beginning_give_what_each_gives_alone(ScalarType dtype, double tolerance)
    {
        using var scope = NewDisposeScope();
        var layout = SequenceLayout.Packed([140, 3, 57], sharedPrefix: 30);
        int[][] queries = [[12, 35, 169], [], [29, 30, 86]];
        var (whole, few) = (Inputs(230, 2, dtype), Inputs(230, 2, dtype));
        long[] places = [12, 35, 169, 29, 173, 229];
        var (all, chosen) = (
            CausalAttention.Attend(whole[0], whole[1], whole[2], layout, Library),
            CausalAttention.Attend(few[0].index_select(1, tensor(places)), few[1], few[2], layout.SelectInSequences(queries, limitsQueries: true), Library));

        var (start, exact) = (30, Inputs(230, 2, ScalarType.Float32));
        var alone = layout.Sequences.Select(sequence =>
        {
            var length = sequence.Length;
            var y = Stock([.. exact.Select(x => cat([x.narrow(1, 0, 30), x.narrow(1, start, length)], 1))]);
            start += length;
            return y;
        }).ToArray();
        TensorAssert.Close(cat([alone[0], .. alone[1..].Select(y => y.narrow(1, 30, y.shape[1] - 30))], 1), all, tolerance, "all places");
        var expected = cat([alone[0].index_select(1, tensor([12L, 35, 169])), alone[2].index_select(1, tensor([29L, 30, 86]))], 1);
        TensorAssert.Close(expected, chosen, tolerance, "chosen places");

        var weight = randn(2, 6, 8, 16);
        (expected * weight).sum().backward();
        (chosen.to_type(ScalarType.Float32) * weight).sum().backward();
        foreach (var (name, a, b) in Pairs(exact, few))
            TensorAssert.Close(a, b, tolerance, $"gradient of {name}");
    }

    [Fact]
    public void Products_in_bf16_stay_near_fp32()
    {
        using var scope = NewDisposeScope();
        var (exact, rounded) = (Inputs(200, 2, ScalarType.Float32), Inputs(200, 2, ScalarType.BFloat16));
        var weight = randn(2, 200, 8, 16);

        var expected = Stock(exact);
        var actual = CausalAttention.Attend(rounded[0], rounded[1], rounded[2], Rows(200), Library);
        (expected * weight).sum().backward();
        (actual.to_type(ScalarType.Float32) * weight).sum().backward();

        Assert.Equal(ScalarType.BFloat16, actual.dtype);
        TensorAssert.Close(expected, actual, 0.02, "output");
        foreach (var (name, a, b) in Pairs(exact, rounded))
            TensorAssert.Close(a, b, 0.02, $"gradient of {name}");
    }

    [Fact]
    public void Products_whose_graph_is_dropped_leave_no_tensors()
    {
        using var scope = NewDisposeScope();
        var inputs = Inputs(40, 2, ScalarType.BFloat16);
        long? first = null;
        for (var i = 0; i < 50; i++)
        {
            using (NewDisposeScope())
            {
                var y = CausalAttention.Attend(inputs[0], inputs[1], inputs[2], Rows(40), Library);
                if (i % 2 == 0)
                    y.sum().backward();
            }

            first ??= Tensor.TotalCount;
        }

        Assert.Equal(first, Tensor.TotalCount);
    }

    [Fact]
    public void A_kept_graph_goes_backward_again()
    {
        using var scope = NewDisposeScope();
        var inputs = Inputs(40, 2, ScalarType.BFloat16);
        var sum = CausalAttention.Attend(inputs[0], inputs[1], inputs[2], Rows(40), Library).sum();

        autograd.backward([sum], retain_graph: true);
        var once = inputs[2].grad!.clone();
        autograd.backward([sum]);

        TensorAssert.Close(once * 2, inputs[2].grad!, 1e-6, "gradient of v");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(300)]
    public void Every_formulation_gives_the_plain_ones_values_and_gradients(int length)
    {
        using var scope = NewDisposeScope();
        var segments = Rows(length).Segments;
        var weight = randn(2, length, 8, 16);
        Tensor[] Run(Func<Tensor[], Tensor> attend)
        {
            var inputs = Inputs(length, 2, ScalarType.Float32);
            var y = attend(inputs);
            (y * weight).sum().backward();
            return [y, .. inputs.Select(x => x.grad!)];
        }

        var mask = PlainAttention.CausalMask([.. Enumerable.Range(0, length)], length, length, weight);
        var plain = Run(x => PlainAttention.Attend(
            x[0].transpose(1, 2), x[1].repeat_interleave(4, 2).transpose(1, 2), x[2].repeat_interleave(4, 2).transpose(1, 2), mask).transpose(1, 2));

        foreach (var (name, found) in new[]
        {
            ("blocks", Run(x => BlockedAttention.Attend(x[0], x[1], x[2], segments, dropout: null))),
            ("products", Run(x => ProductAttention.Apply(x[0], x[1], x[2], segments, memory: null))),
            ("segments", Run(x => SegmentAttention.Attend(x[0], x[1], x[2], segments, dropout: null))),
        })
            foreach (var (expected, actual) in plain.Zip(found))
                TensorAssert.Close(expected, actual, 1e-5, name);
    }

    [Fact]
    public void Dropped_attention_weights_keep_their_mean_and_repeat_with_the_generator()
    {
        using var scope = NewDisposeScope();
        var inputs = Inputs(40, 2, ScalarType.Float32);
        using var generator = new Generator(5);
        var dropout = new Dropout(0.25, generator);
        Tensor Attend() => CausalAttention.Attend(inputs[0], inputs[1], inputs[2], Rows(40), Library, dropout).detach();

        var state = dropout.GetState()!;
        var first = Attend();
        var mean = zeros_like(first);
        for (var i = 0; i < 400; i++)
            mean.add_(Attend() / 400);
        dropout.SetState(state);

        Assert.True(Attend().equal(first).all().item<bool>());
        TensorAssert.Close(CausalAttention.Attend(inputs[0], inputs[1], inputs[2], Rows(40), Library), mean, 0.1, "mean");
    }

    private static SequenceLayout Rows(int length) => SequenceLayout.Full(2, length);

    private static Tensor[] Inputs(int length, int kvHeads, ScalarType dtype)
    {
        using var generator = new Generator(7);
        return [.. new[] { 8, kvHeads, kvHeads }.Select(heads => randn([2, length, heads, 16], generator: generator).to_type(dtype).requires_grad_())];
    }

    private static Tensor Stock(Tensor[] qkv)
    {
        var repeats = 8 / qkv[1].shape[2];
        var (k, v) = (qkv[1].repeat_interleave(repeats, 2), qkv[2].repeat_interleave(repeats, 2));
        return nn.functional.scaled_dot_product_attention(qkv[0].transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), is_casual: true).transpose(1, 2);
    }

    private static IEnumerable<(string Name, Tensor Expected, Tensor Actual)> Pairs(Tensor[] expected, Tensor[] actual) =>
        new[] { "q", "k", "v" }.Select((name, i) => (name, expected[i].grad!, actual[i].grad!));
}
