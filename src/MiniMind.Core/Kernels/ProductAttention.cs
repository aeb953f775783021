using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind;

/// <summary>Causal attention on the CPU by plain products: in bf16, from which the stock kernel gains nothing, and in fp32 where oneDNN is the faster
/// library, which the stock kernel does not use. The many products are small, so that what surrounds them counts: the backward pass is written out, and
/// each block's result goes straight to its place.</summary>
/// <remarks>Dimensions: as in <see cref="CausalAttention"/>; b = B·K, R = G·Q rows of queries.</remarks>
internal sealed class ProductAttention : autograd.MultiTensorFunction<ProductAttention>
{
    /// <summary>A segment of up to so many queries is one block.</summary>
    private const int LongestSingleBlock = 256;

    /// <summary>TorchSharp does not expose it; TorchScript does.</summary>
    private const string Source = """
        def softmax_backward(gradient: Tensor, output: Tensor) -> Tensor:
            return torch._softmax_backward_data(gradient, output, -1, output.dtype)

        """;

    private static readonly Lazy<jit.CompilationUnit> Kernel = new(() => jit.compile(Source));

    public override string Name => nameof(ProductAttention);

    /// <inheritdoc cref="CausalAttention.Attend"/>
    public static Tensor Apply(Tensor q_BNHD, Tensor k_BTKD, Tensor v_BTKD, IReadOnlyList<AttentionSegment> segments, BackwardMemory? memory)
    {
        using var scope = NewDisposeScope();
        return apply(q_BNHD, k_BTKD, v_BTKD, new Arguments(segments, k_BTKD.shape[1], memory))[0].MoveToOuterDisposeScope();
    }

    /// <summary>What is saved lives in the scope of <see cref="Apply"/>.</summary>
    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (q_BNHD, k_BTKD, v_BTKD, arguments) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (Arguments)vars[3]);
        var kvHeads = k_BTKD.shape[2];
        var y_BNHD = empty_like(q_BNHD);
        var saved = new List<Tensor>();
        using var scaled_BNHD = q_BNHD.DividedBy(Math.Sqrt(q_BNHD.shape[3]));
        foreach (var segment in arguments.Segments)
        {
            var (k_bTD, v_bTD) = (KeysOf(k_BTKD, segment), KeysOf(v_BTKD, segment));
            saved.AddRange([k_bTD, v_bTD]);
            foreach (var block in Block.Split(segment))
            {
                using var scope = NewDisposeScope();
                var q_bRD = block.RowsOf(scaled_BNHD, kvHeads);
                var scores_bRS = Multiply(q_bRD, k_bTD.narrow(1, 0, block.Keys).transpose(1, 2));
                scores_bRS.view(scores_bRS.shape[0], -1, block.Queries, block.Keys).AddInPlace(PlainAttention.CausalMask(block.Positions, block.Queries, block.Keys, q_bRD));
                var weights_bRS = scores_bRS.softmax(-1);
                block.Place(Multiply(weights_bRS, v_bTD.narrow(1, 0, block.Keys)), y_BNHD, kvHeads);
                saved.AddRange([q_bRD.MoveToOuterDisposeScope(), weights_bRS.MoveToOuterDisposeScope()]);
            }
        }

        ctx.save_data(nameof(Arguments), arguments);
        ctx.save_for_backward(saved);
        return [y_BNHD];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        using var scope = NewDisposeScope();
        var arguments = (Arguments)ctx.get_data(nameof(Arguments));
        var saved = new Queue<Tensor>(BackwardMemory.TakeSaved(ctx, arguments.Memory));
        var dy_BNHD = grad_outputs[0];
        var (B, D) = (dy_BNHD.shape[0], dy_BNHD.shape[3]);
        var kvHeads = saved.Peek().shape[0] / B;
        var dq_BNHD = empty_like(dy_BNHD);
        var dk_BTKD = zeros([B, arguments.Length, kvHeads, D], dy_BNHD.dtype);
        var dv_BTKD = zeros_like(dk_BTKD);
        foreach (var segment in arguments.Segments)
        {
            using var part = NewDisposeScope();
            using var k_bTD = saved.Dequeue();
            using var v_bTD = saved.Dequeue();
            var (dk_bTD, dv_bTD) = (zeros_like(k_bTD), zeros_like(v_bTD));
            foreach (var block in Block.Split(segment))
            {
                using var blockScope = NewDisposeScope();
                using var q_bRD = saved.Dequeue();
                using var weights_bRS = saved.Dequeue();
                var dy_bRD = block.RowsOf(dy_BNHD, kvHeads);
                var (k_bSD, v_bSD) = (k_bTD.narrow(1, 0, block.Keys), v_bTD.narrow(1, 0, block.Keys));
                dv_bTD.narrow(1, 0, block.Keys).AddInPlace(weights_bRS.transpose(1, 2).bmm(dy_bRD));
                var dscores_bRS = (Tensor)Kernel.Value.invoke("softmax_backward", Multiply(dy_bRD, v_bSD.transpose(1, 2)), weights_bRS);
                dk_bTD.narrow(1, 0, block.Keys).AddInPlace(dscores_bRS.transpose(1, 2).bmm(q_bRD));
                block.Place(Multiply(dscores_bRS, k_bSD), dq_BNHD, kvHeads);
            }

            PlaceKeys(dk_bTD, dk_BTKD, segment);
            PlaceKeys(dv_bTD, dv_BTKD, segment);
        }

        dq_BNHD.DivideInPlace(Math.Sqrt(D));
        return BackwardMemory.Return(arguments.Memory, dq_BNHD, dk_BTKD, dv_BTKD, null);
    }

    /// <summary>In fp32 by oneDNN, but for products whose left factor is transposed, which are faster without it.</summary>
    private static Tensor Multiply(Tensor a_bNM, Tensor b_bMO) =>
        a_bNM.dtype == ScalarType.Float32 ? OneDnnProducts.MultiplyBatches(a_bNM, b_bMO.transpose(1, 2)) : a_bNM.bmm(b_bMO);

    /// <summary>A segment's keys or values behind each other, filled up with zeros: <c>[b, T, D]</c>.</summary>
    private static Tensor KeysOf(Tensor x_BTKD, AttentionSegment segment)
    {
        using var scope = NewDisposeScope();
        var x_BKTD = x_BTKD.transpose(1, 2);
        var (B, K, D) = (x_BKTD.shape[0], x_BKTD.shape[1], x_BKTD.shape[3]);
        var filling = zeros([B, K, ShapeRounding.RoundKeys(segment.Keys) - segment.Keys, D], x_BTKD.dtype);
        return cat([x_BKTD.narrow(2, 0, segment.Shared), x_BKTD.narrow(2, segment.Start, segment.Own), filling], 2).flatten(0, 1).MoveToOuterDisposeScope();
    }

    /// <summary>Brings a gradient of <see cref="KeysOf"/> to the row; those of the shared prefix add up over the segments.</summary>
    private static void PlaceKeys(Tensor gradient_bTD, Tensor gradient_BTKD, AttentionSegment segment)
    {
        var row_BKTD = gradient_BTKD.transpose(1, 2);
        var own_BKTD = gradient_bTD.view(row_BKTD.shape[0], row_BKTD.shape[1], -1, row_BKTD.shape[3]);
        row_BKTD.narrow(2, segment.Start, segment.Own).copy_(own_BKTD.narrow(2, segment.Shared, segment.Own));
        if (segment.Shared > 0)
            row_BKTD.narrow(2, 0, segment.Shared).AddInPlace(own_BKTD.narrow(2, 0, segment.Shared));
    }

    private sealed record Arguments(IReadOnlyList<AttentionSegment> Segments, long Length, BackwardMemory? Memory);

    /// <summary>Queries of a segment that are computed together.</summary>
    /// <param name="First">Where they begin in the row.</param>
    /// <param name="Positions">The position of each among the keys.</param>
    private sealed record Block(int First, int[] Positions)
    {
        /// <summary>Q.</summary>
        public int Queries { get; } = ShapeRounding.RoundQueries(Positions.Length);

        /// <summary>S.</summary>
        public int Keys { get; } = ShapeRounding.RoundKeys(Positions.Max() + 1);

        public static IEnumerable<Block> Split(AttentionSegment segment)
        {
            var size = segment.QueryPositions.Length <= LongestSingleBlock ? segment.QueryPositions.Length : BlockedAttention.BlockSize;
            return segment.QueryPositions.Chunk(size).Select((positions, i) => new Block(segment.FirstQuery + (i * size), positions));
        }

        /// <summary>Its queries, filled up with zeros, those of one key/value head behind each other: <c>[b, R, D]</c>.</summary>
        public Tensor RowsOf(Tensor x_BNHD, long kvHeads)
        {
            using var scope = NewDisposeScope();
            var x_BKGnD = ByHead(x_BNHD, kvHeads);
            var missing = Queries - Positions.Length;
            var x_BKGQD = missing == 0 ? x_BKGnD.contiguous() : nn.functional.pad(x_BKGnD, [0, 0, 0, missing]);
            return x_BKGQD.view(x_BKGQD.shape[0] * kvHeads, -1, x_BKGQD.shape[4]).MoveToOuterDisposeScope();
        }

        /// <summary>Writes the result of its queries to their place in the row.</summary>
        public void Place(Tensor x_bRD, Tensor row_BNHD, long kvHeads)
        {
            using var scope = NewDisposeScope();
            var place_BKGnD = ByHead(row_BNHD, kvHeads);
            var shape = place_BKGnD.shape;
            place_BKGnD.copy_(x_bRD.view(shape[0], shape[1], shape[2], Queries, shape[4]).narrow(3, 0, Positions.Length));
        }

        private Tensor ByHead(Tensor x_BNHD, long kvHeads) =>
            x_BNHD.narrow(1, First, Positions.Length).unflatten(2, kvHeads, -1).permute(0, 2, 3, 1, 4);
    }
}
