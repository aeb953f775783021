using System.CommandLine;
using MiniMind.Training;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>The options of the sample. Without <c>--data</c> it trains on problems it writes itself, with defaults that suit them.</summary>
internal static class CommandLine
{
    private static readonly Option<string?> Data = new("--data") { Description = "JSONL file of conversations; none: arithmetic word problems written here" };
    private static readonly Option<string?> HeldOut = new("--held-out") { Description = "JSONL file whose loss is measured after each epoch" };
    private static readonly Option<string?> Tokenizer = new("--tokenizer") { Description = "Hugging Face tokenizer directory; none: one is trained on the data" };
    private static readonly Option<string?> WarmStart = new("--warm-start") { Description = "model directory whose weights the student starts from" };
    private static readonly Option<string?> Resume = new("--resume") { Description = "checkpoint, or output folder of a run, to continue (with the same options)" };
    private static readonly Option<string> Out = Value("--out", "out/reason-distill", "folder for weights, tokenizer, metrics and checkpoints");
    private static readonly Option<int?> Dim = new("--dim") { Description = "width of the model (128; 512 with --data)" };
    private static readonly Option<int?> Layers = new("--layers") { Description = "blocks (4; 8 with --data)" };
    private static readonly Option<int?> Heads = new("--heads") { Description = "query heads; half as many key/value heads (4; 8 with --data, with 2 key/value heads)" };
    private static readonly Option<bool> Moe = new("--moe") { Description = "mixture of experts, four routed and one shared" };
    private static readonly Option<int?> BatchSize = new("--batch-size") { Description = "conversations a step (16; 8 with --data)" };
    private static readonly Option<int?> MaxSeqLen = new("--max-seq-len") { Description = "longest conversation in tokens (256; 512 with --data)" };
    private static readonly Option<int?> Epochs = new("--epochs") { Description = "passes over the data (5; 1 with --data)" };
    private static readonly Option<long?> MaxSteps = new("--max-steps") { Description = "stop after so many steps" };
    private static readonly Option<int> Accumulation = Value("--accumulation", 1, "micro-batches an optimizer step");
    private static readonly Option<double?> LearningRate = new("--learning-rate") { Description = "the cosine's lr (0.0015; 0.0005 with --data)" };
    private static readonly Option<double> TagWeight = Value("--tag-weight", 10.0, "weight of the reasoning tags in the loss");
    private static readonly Option<TagMatching> Matching = Value("--tag-matching", TagMatching.AnyToken, "AnyToken (the reference's) or Sequence");
    private static readonly Option<SampleOrder> Order = Value("--order", SampleOrder.LengthBucketed, "order of the examples");
    private static readonly Option<string> Device = Value("--device", "auto", "auto, cpu, cuda or cuda:N");
    private static readonly Option<string> Precision = Value("--precision", "fp32", "fp32, bf16 or fp16");
    private static readonly Option<int> Seed = Value("--seed", 1337, "seed of weights, order, dropout and problems");
    private static readonly Option<int> Problems = Value("--problems", 5000, "problems to write when there is no --data");
    private static readonly Option<int> CheckpointEvery = Value("--checkpoint-every", 100, "steps between checkpoints; 0: only after epochs");
    private static readonly Option<bool> TensorBoard = new("--tensorboard") { Description = "write TensorBoard events too" };
    private static readonly Option<bool> ReferenceLog = new("--reference-log") { Description = "log lines in the format of train_distill_reason.py" };
    private static readonly Option<int?> Threads = new("--threads") { Description = "threads libtorch computes with (all cores)" };

    public static RootCommand Create(Func<RunSettings, CancellationToken, Task<int>> run)
    {
        var command = new RootCommand("Distils written reasoning into a small language model.")
        {
            Data, HeldOut, Tokenizer, WarmStart, Resume, Out, Dim, Layers, Heads, Moe, BatchSize, MaxSeqLen, Epochs, MaxSteps, Accumulation,
            LearningRate, TagWeight, Matching, Order, Device, Precision, Seed, Problems, CheckpointEvery, TensorBoard, ReferenceLog, Threads,
        };
        Precision.AcceptOnlyFromAmong("fp32", "bf16", "fp16");
        command.SetAction((parsed, cancellationToken) => run(Read(parsed), cancellationToken));
        return command;
    }

    private static RunSettings Read(ParseResult parsed)
    {
        var real = parsed.GetValue(Data) is not null;
        var heads = parsed.GetValue(Heads);
        var (seed, length) = (parsed.GetValue(Seed), parsed.GetValue(MaxSeqLen) ?? (real ? 512 : 256));
        return new RunSettings
        {
            Data = parsed.GetValue(Data),
            HeldOut = parsed.GetValue(HeldOut),
            Tokenizer = parsed.GetValue(Tokenizer),
            WarmStart = parsed.GetValue(WarmStart),
            Resume = parsed.GetValue(Resume),
            Out = parsed.GetValue(Out)!,
            Model = new LMConfig
            {
                Dim = parsed.GetValue(Dim) ?? (real ? 512 : 128),
                NLayers = parsed.GetValue(Layers) ?? (real ? 8 : 4),
                NHeads = heads ?? (real ? 8 : 4),
                NKVHeads = heads is { } h ? Math.Max(1, h / 2) : 2,
                MaxSeqLen = length,
                UseMoe = parsed.GetValue(Moe),
            },
            Training = new ReasonDistillOptions
            {
                Epochs = parsed.GetValue(Epochs) ?? (real ? 1 : 5),
                MaxSteps = parsed.GetValue(MaxSteps),
                AccumulationSteps = parsed.GetValue(Accumulation),
                Device = parsed.GetValue(Device)!,
                Precision = parsed.GetValue(Precision) switch
                {
                    "bf16" => TrainingPrecision.BFloat16,
                    "fp16" => TrainingPrecision.Float16,
                    _ => TrainingPrecision.Float32,
                },
                Seed = seed,
                Sampling = { BatchSize = parsed.GetValue(BatchSize) ?? (real ? 8 : 16), Order = parsed.GetValue(Order), Seed = seed },
            },
            LearningRate = parsed.GetValue(LearningRate) ?? (real ? 5e-4 : 1.5e-3),
            Loss = new WeightedTagLossOptions { TagWeight = parsed.GetValue(TagWeight), Matching = parsed.GetValue(Matching) },
            Problems = parsed.GetValue(Problems),
            CheckpointEvery = parsed.GetValue(CheckpointEvery),
            TensorBoard = parsed.GetValue(TensorBoard),
            ReferenceLog = parsed.GetValue(ReferenceLog),
            Threads = parsed.GetValue(Threads),
        };
    }

    private static Option<T> Value<T>(string name, T defaultValue, string description) =>
        new(name) { DefaultValueFactory = _ => defaultValue, Description = description };
}
