using System.CommandLine;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using MiniMind.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Benchmarks;

/// <summary><c>parts</c>: single operations under BenchmarkDotNet, in this process, since a generated program would need libtorch beside it.</summary>
[MemoryDiagnoser]
public class PartBenchmarks
{
    private const string Text = "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May.";

    private readonly MiniMindTokenizer _tokenizer = new BpeTrainer(new BpeTrainerOptions { VocabSize = 320 }).Train([Text]);
    private readonly SftExample[] _examples =
        [.. Enumerable.Range(100, 8).Select(length => new SftExample(new int[length], new int[length], [.. Enumerable.Repeat((byte)1, length)]))];

    private readonly Tensor _q = randn(2, 512, 8, 64).DetachFromDisposeScope();
    private readonly Tensor _kv = randn(2, 512, 2, 64).DetachFromDisposeScope();

    /// <summary>Makes the command.</summary>
    internal static Command Command()
    {
        var command = new Command("parts", "single operations under BenchmarkDotNet");
        command.SetAction(_ =>
        {
            var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);
            BenchmarkRunner.Run<PartBenchmarks>(DefaultConfig.Instance.AddJob(job));
            return 0;
        });
        return command;
    }

    /// <summary>Encodes a sentence.</summary>
    [Benchmark]
    public int[] Tokenize() => _tokenizer.Encode(Text);

    /// <summary>Pads eight examples.</summary>
    [Benchmark]
    public Batch CollatePadded() => new BatchCollator(0).Collate(_examples);

    /// <summary>PackSequences eight examples.</summary>
    [Benchmark]
    public Batch CollatePacked() => new BatchCollator(0, packs: true).Collate(_examples);

    /// <summary>Our blocked attention, forward.</summary>
    [Benchmark]
    public void AttentionInBlocks()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        CausalAttention.Attend(_q, _kv, _kv, SequenceLayout.Full(2, 512), MatrixLibrary.Mkl);
    }

    /// <summary>The stock kernel with repeated keys and values, forward.</summary>
    [Benchmark(Baseline = true)]
    public void AttentionStock()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var kv = _kv.repeat_interleave(4, 2).transpose(1, 2);
        nn.functional.scaled_dot_product_attention(_q.transpose(1, 2), kv, kv, is_casual: true);
    }
}
