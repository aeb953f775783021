using System.Diagnostics;
using MiniMind.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Benchmarks;

/// <summary>Where a step's time goes: each part of it alone, forward and backward, at the step's shapes, times how often it occurs. What the sum
/// lacks of the step is printed too (residual additions, gradients added up, cold caches).</summary>
internal sealed class StepProfile
{
    private const int Runs = 9;
    private readonly MiniMindLM _model;
    private readonly int _batch;
    private readonly int _seq;
    private readonly ScalarType _dtype;

    public StepProfile(MiniMindLM model, int batch, int seq, ScalarType dtype)
    {
        (_model, _batch, _seq, _dtype) = (model, batch, seq, dtype);
        model.ComputeType = dtype;
    }

    public void Print(double stepSeconds)
    {
        var config = _model.Config;
        using var scope = NewDisposeScope();
        using var parameters = new FlatParameters(_model);
        using var cast = _model.UseCastWeights(forTraining: true);
        using var optimizer = new AdamW(parameters, new AdamWOptions());
        var block = _model.modules().OfType<TransformerBlock>().First();
        var attention = block.modules().OfType<Attention>().First();
        var norm = block.modules().OfType<RmsNorm>().First();
        var layout = SequenceLayout.Full(_batch, _seq);
        var pass = new ForwardPass { Layout = layout, Rotary = RotaryEmbedding.SelectFactors(_model.RotaryTable, layout), IsTraining = true };
        var x_BTC = randn(_batch, _seq, config.Dim).requires_grad_();
        var ids_BT = randint(0, config.VocabSize, [_batch, _seq], dtype: ScalarType.Int64);
        var (q, k) = (Heads(config.NHeads), Heads(config.ResolvedNKVHeads));
        var loss = new ProjectedLoss(_model.OutputProjection, _model.Precision, WeightedTagLoss.FromTagIds([[1]]).Sum, new ReasonDistillOptions().ProjectionChunk);
        var hidden_NC = randn(_batch * _seq, config.Dim);
        var labels_N = randint(0, config.VocabSize, [_batch * _seq], dtype: ScalarType.Int64);

        var total = 0.0;
        void Part(string name, int times, Func<Tensor> forward)
        {
            var (ahead, both) = (Time(() => forward()), Time(() =>
            {
                var y = forward();
                y.backward([ones_like(y)]);
            }));
            Report($"{name}_forward", times * ahead);
            Report($"{name}_backward", times * (both - ahead));
        }

        void Report(string name, double seconds)
        {
            total += seconds;
            Figure.Print($"profile_{name}_ms", 1000 * seconds);
        }

        Report("embedding", Time(() => _model.Embedding.AddGradient(ids_BT, _model.Embedding.Embed(ids_BT).detach())));
        Part("norms", (2 * config.NLayers) + 1, () => norm.Forward(x_BTC));
        Part("attention", config.NLayers, () => attention.Forward(x_BTC, pass));
        var rotary = Time(() => RotaryEmbedding.Rotate(q, pass.Rotary).sum().backward()) + Time(() => RotaryEmbedding.Rotate(k, pass.Rotary).sum().backward());
        Figure.Print("profile_rotary_within_attention_ms", 1000 * config.NLayers * rotary);
        var library = _model.Precision.Library(CPU);
        var (core, coreBoth) = (
            Time(() => CausalAttention.Attend(q, k, k, layout, library)), Time(() => CausalAttention.Attend(q, k, k, layout, library).sum().backward()));
        Figure.Print("profile_products_within_attention_forward_ms", 1000 * config.NLayers * core);
        Figure.Print("profile_products_within_attention_backward_ms", 1000 * config.NLayers * (coreBoth - core));
        if (block.modules().OfType<FeedForward>().FirstOrDefault() is { } mlp && !config.UseMoe)
            Part("mlp", config.NLayers, () => mlp.Forward(x_BTC, pass));
        Report("projection_and_loss", Time(() => loss.ForwardBackward(hidden_NC, labels_N, ones(labels_N.shape), 1, accumulates: false)));
        Report("optimizer", Time(() =>
        {
            optimizer.Step(0, parameters.Gradients.norm().clamp_min(1));
            cast?.Refresh();
            parameters.Gradients.zero_();
        }));
        Report("data", Time(Collate));
        Figure.Print("profile_rest_ms", 1000 * (stepSeconds - total));
    }

    private void Collate()
    {
        int[] ids = new int[_seq];
        var example = new SftExample(ids, ids, [.. Enumerable.Repeat((byte)1, _seq)]);
        var batch = new BatchCollator(0).Collate([.. Enumerable.Repeat(example, _batch)]);
        WeightedTagLoss.FromTagIds([[1]]).SelectTargets(batch);
    }

    private Tensor Heads(int count) => randn(_batch, _seq, count, _model.Config.ResolvedHeadDim).to_type(_dtype).requires_grad_();

    private static double Time(Action part)
    {
        var seconds = new List<double>();
        for (var i = 0; i < Runs; i++)
        {
            using var scope = NewDisposeScope();
            var watch = Stopwatch.StartNew();
            part();
            seconds.Add(watch.Elapsed.TotalSeconds);
        }

        return Median.Of(seconds);
    }
}
