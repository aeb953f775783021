using System.CommandLine;
using MiniMind.Training;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>The options of the sample. Without <c>--data</c> a teacher writes the data; without <c>--teacher</c> it is one in this process, and without
/// <c>--problems</c> it solves word problems that are written here, with defaults that suit them.</summary>
internal static class CommandLine
{
    private static readonly Option<string?> Data = new("--data") { Description = "file or folder of conversations (JSONL, JSON arrays, also packed with gzip); none: what the teacher writes" };
    private static readonly Option<string?> Turns = Column("--turns-column", "the list of turns (conversations or messages)");
    private static readonly Option<string?> Question = Column("--question-column", "the question");
    private static readonly Option<string?> Reasoning = Column("--reasoning-column", "the reasoning; \"\": there is none");
    private static readonly Option<string?> Answer = Column("--answer-column", "the answer");
    private static readonly Option<string?> System = Column("--system-column", "the system's turn; \"\": there is none");
    private static readonly Option<string?> Tools = Column("--tools-column", "the tools that are offered; \"\": there are none");
    private static readonly Option<EmptyReplyPolicy> EmptyReplies = Value("--empty-replies", EmptyReplyPolicy.Refuse, "Refuse or Teach (the reference's): replies that say nothing");
    private static readonly Option<ConsecutiveTurnsPolicy> ConsecutiveTurns = Value("--consecutive-turns", ConsecutiveTurnsPolicy.Refuse, "Refuse or Merge: turns of one role that follow each other");
    private static readonly Option<Uri?> Teacher = new("--teacher") { Description = "address of an OpenAI-compatible teacher (OpenAI, Ollama, vLLM, llama.cpp's server); none: one in this process" };
    private static readonly Option<string?> TeacherModel = new("--teacher-model") { Description = "the teacher's model" };
    private static readonly Option<string?> ApiKeyVariable = new("--api-key-env") { Description = "environment variable that holds the teacher's key (none: no key is sent)" };
    private static readonly Option<string?> Problems = new("--problems") { Description = "JSONL file of problems (question and answer, as GSM8K publishes them); none: arithmetic word problems written here" };
    private static readonly Option<string?> HeldOut = new("--held-out") { Description = "JSONL file whose loss is measured after each epoch" };
    private static readonly Option<string?> Tokenizer = new("--tokenizer") { Description = "Hugging Face tokenizer directory; none: one is trained on the data" };
    private static readonly Option<string?> WarmStart = new("--warm-start") { Description = "model folder or file that is trained further, with its own sizes, tokenizer and chat template" };
    private static readonly Option<string?> Resume = new("--resume") { Description = "checkpoint, or output folder of a run, to continue (with the same options)" };
    private static readonly Option<string> Out = Value("--out", "out/reason-distill", "folder for weights, tokenizer, metrics and checkpoints");
    private static readonly Option<int?> Dim = new("--dim") { Description = "width of the model (128; 512 with --data or --problems)" };
    private static readonly Option<int?> Layers = new("--layers") { Description = "blocks (2; 8 with --data or --problems)" };
    private static readonly Option<int?> Heads = new("--heads") { Description = "query heads; half as many key/value heads (8, with 4 key/value heads; with --data or --problems 2)" };
    private static readonly Option<bool> Moe = new("--moe") { Description = "mixture of experts, four routed and one shared" };
    private static readonly Option<int?> BatchSize = new("--batch-size") { Description = "conversations a step (16; 8 with --data)" };
    private static readonly Option<int?> MaxSeqLen = new("--max-seq-len") { Description = "longest conversation in tokens (256; 512 with --data)" };
    private static readonly Option<int?> Epochs = new("--epochs") { Description = "passes over the data (5; 1 with --data)" };
    private static readonly Option<long?> MaxSteps = new("--max-steps") { Description = "stop after so many steps" };
    private static readonly Option<int> Accumulation = Value("--accumulation", 1, "micro-batches an optimizer step");
    private static readonly Option<double?> LearningRate = new("--learning-rate") { Description = "the cosine's lr (0.002; 0.0005 with --data or --problems; a hundredth of that with --warm-start)" };
    private static readonly Option<double> TagWeight = Value("--tag-weight", 10.0, "weight of the reasoning tags in the loss");
    private static readonly Option<TagMatching> Matching = Value("--tag-matching", TagMatching.AnyToken, "AnyToken (the reference's) or Sequence");
    private static readonly Option<SampleOrder> Order = Value("--order", SampleOrder.LengthBucketed, "order of the examples");
    private static readonly Option<string> Device = Value("--device", "auto", "auto, cpu, cuda or cuda:N");
    private static readonly Option<string> Precision = Value("--precision", "fp32", "fp32, bf16 or fp16");
    private static readonly Option<int> Seed = Value("--seed", 1337, "seed of weights, order, dropout and problems");
    private static readonly Option<int> ProblemCount = Value("--problem-count", 5000, "problems for the teacher; 200 more are held out, or one in ten of all if that is fewer");
    private static readonly Option<int> CheckpointEvery = Value("--checkpoint-every", 100, "steps between checkpoints; 0: only after epochs");
    private static readonly Option<bool> TensorBoard = new("--tensorboard") { Description = "write TensorBoard events too" };
    private static readonly Option<bool> ReferenceLog = new("--reference-log") { Description = "log lines in the format of train_distill_reason.py" };
    private static readonly Option<int?> Threads = new("--threads") { Description = "threads libtorch computes with (all cores)" };

    private static readonly Option<string?>[] Columns = [Turns, Question, Reasoning, Answer, System, Tools];

    public static RootCommand Create(Func<RunSettings, CancellationToken, Task<int>> run)
    {
        var command = new RootCommand("Distils written reasoning into a small language model.")
        {
            Data, Turns, Question, Reasoning, Answer, System, Tools, EmptyReplies, ConsecutiveTurns, Teacher, TeacherModel, ApiKeyVariable, Problems, ProblemCount, HeldOut, Tokenizer, WarmStart, Resume, Out, Dim, Layers, Heads, Moe, BatchSize, MaxSeqLen, Epochs, MaxSteps, Accumulation,
            LearningRate, TagWeight, Matching, Order, Device, Precision, Seed, CheckpointEvery, TensorBoard, ReferenceLog, Threads,
        };
        Precision.AcceptOnlyFromAmong("fp32", "bf16", "fp16");
        command.Validators.Add(result =>
        {
            if (result.GetValue(Teacher) is null != result.GetValue(TeacherModel) is null)
                result.AddError("--teacher and --teacher-model go together");
            if (result.GetValue(Teacher) is null && result.GetValue(Problems) is not null)
                result.AddError("--problems needs --teacher: the teacher in this process knows its own word problems only");
            if (result.GetValue(Data) is not null && result.GetValue(Teacher) is not null)
                result.AddError("--data is data already written; give it or --teacher, not both");
            if (result.GetValue(Data) is null && Columns.Any(column => result.GetValue(column) is not null))
                result.AddError("options that name columns are for --data: what the teacher writes has columns of its own");
            if (result.GetValue(WarmStart) is not null
                && (result.GetValue(Tokenizer) is not null || result.GetValue(Dim) is not null || result.GetValue(Layers) is not null || result.GetValue(Heads) is not null || result.GetValue(Moe)))
                result.AddError("--warm-start trains a model with its own sizes and tokenizer; leave --tokenizer, --dim, --layers, --heads and --moe out");
        });
        command.SetAction((parsed, cancellationToken) => run(Read(parsed), cancellationToken));
        return command;
    }

    private static RunSettings Read(ParseResult parsed)
    {
        var real = parsed.GetValue(Data) is not null || parsed.GetValue(Problems) is not null;
        var heads = parsed.GetValue(Heads);
        var (seed, length) = (parsed.GetValue(Seed), parsed.GetValue(MaxSeqLen) ?? (real ? 512 : 256));
        return new RunSettings
        {
            Data = parsed.GetValue(Data),
            Reading = new ConversationReaderOptions
            {
                EmptyReplies = parsed.GetValue(EmptyReplies),
                ConsecutiveTurns = parsed.GetValue(ConsecutiveTurns),
                Columns = new DatasetColumns
                {
                    Turns = parsed.GetValue(Turns),
                    Question = parsed.GetValue(Question),
                    Reasoning = parsed.GetValue(Reasoning),
                    Answer = parsed.GetValue(Answer),
                    System = parsed.GetValue(System),
                    Tools = parsed.GetValue(Tools),
                },
            },
            Teacher = parsed.GetValue(Teacher),
            TeacherModel = parsed.GetValue(TeacherModel),
            ApiKeyVariable = parsed.GetValue(ApiKeyVariable),
            Problems = parsed.GetValue(Problems),
            ProblemCount = parsed.GetValue(ProblemCount),
            HeldOut = parsed.GetValue(HeldOut),
            Tokenizer = parsed.GetValue(Tokenizer),
            WarmStart = parsed.GetValue(WarmStart),
            Resume = parsed.GetValue(Resume),
            Out = parsed.GetValue(Out)!,
            Model = new LMConfig
            {
                Dim = parsed.GetValue(Dim) ?? (real ? 512 : 128),
                NLayers = parsed.GetValue(Layers) ?? (real ? 8 : 2),
                NHeads = heads ?? 8,
                NKVHeads = heads is { } h ? Math.Max(1, h / 2) : real ? 2 : 4,
                // Of the small students, those with normalised queries and keys learn these problems in half the steps.
                QKNorm = !real,
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
            // A trained model is changed little: the reference trained its own weights further with a rate that is lower by such a factor.
            LearningRate = parsed.GetValue(LearningRate) ?? ((real ? 5e-4 : 2e-3) / (parsed.GetValue(WarmStart) is null ? 1 : 100)),
            Loss = new WeightedTagLossOptions { TagWeight = parsed.GetValue(TagWeight), Matching = parsed.GetValue(Matching) },
            CheckpointEvery = parsed.GetValue(CheckpointEvery),
            TensorBoard = parsed.GetValue(TensorBoard),
            ReferenceLog = parsed.GetValue(ReferenceLog),
            Threads = parsed.GetValue(Threads),
        };
    }

    private static Option<string?> Column(string name, string what) => new(name) { Description = $"column of --data that holds {what}; none: found by its usual names" };

    private static Option<T> Value<T>(string name, T defaultValue, string description) =>
        new(name) { DefaultValueFactory = _ => defaultValue, Description = description };
}
