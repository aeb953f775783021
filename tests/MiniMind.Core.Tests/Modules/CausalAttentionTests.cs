using MiniMind.Modules;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Tests.Modules;

public class CausalAttentionTests
{
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
        var actual = CausalAttention.Apply(blocks[0], blocks[1], blocks[2], segments: null, dropout: 0);
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

        var packed = CausalAttention.Apply(whole[0], whole[1], whole[2], segments, dropout: 0);

        var start = 0;
        foreach (var length in segments)
        {
            var alone = Stock([.. whole.Select(x => x.narrow(1, start, length))]);
            TensorAssert.Close(alone, packed.narrow(1, start, length), 1e-5, $"segment at {start}");
            start += length;
        }
    }

    [Fact]
    public void Products_in_bf16_stay_near_fp32()
    {
        using var scope = NewDisposeScope();
        var (exact, rounded) = (Inputs(200, 2, ScalarType.Float32), Inputs(200, 2, ScalarType.BFloat16));
        var weight = randn(2, 200, 8, 16);

        var expected = Stock(exact);
        var actual = CausalAttention.Apply(rounded[0], rounded[1], rounded[2], segments: null, dropout: 0);
        (expected * weight).sum().backward();
        (actual.to_type(ScalarType.Float32) * weight).sum().backward();

        Assert.Equal(ScalarType.BFloat16, actual.dtype);
        TensorAssert.Close(expected, actual, 0.02, "output");
        foreach (var (name, a, b) in Pairs(exact, rounded))
            TensorAssert.Close(a, b, 0.02, $"gradient of {name}");
    }

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
