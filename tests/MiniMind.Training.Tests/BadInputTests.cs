using System.Text;
using Microsoft.Extensions.Options;
using MiniMind.Tests;
using TorchSharp;

namespace MiniMind.Training.Tests;

/// <summary>What a user can get wrong, and the exception type and message each mistake gets. <c>{dir}</c> is the test's own folder.</summary>
public sealed class BadInputTests : IDisposable
{
    private static readonly MiniMindTokenizer Tokenizer = new BpeTrainer(new BpeTrainerOptions { VocabSize = 259 }).Train([]);

    private static readonly Row[] Table =
    [
        // Data files.
        new("data: no such file", d => Data(d, null), typeof(DatasetException), "{dir}/data.jsonl: there is no such file; expected a JSONL file of conversations"),
        new("data: a folder", d => SftDataset.Open(d, Tokenizer), typeof(DatasetException), "{dir}: the folder holds no file of conversations; expected .jsonl or .json files"),
        new("data: a pipe", d => SftDataset.Open(Pipe(d, "data.jsonl"), Tokenizer), typeof(DatasetException), "{dir}/data.jsonl: it is a pipe, a socket or a device; expected a file of conversations"),
        new("data: a pipe to read from", d => new ConversationReader().Read(Pipe(d, "data.jsonl")).Count(), typeof(DatasetException), "{dir}/data.jsonl: it is a pipe, a socket or a device; expected a file of conversations"),
        new("data: empty file", d => Data(d, ""), typeof(DatasetException), "{dir}/data.jsonl: there is no conversation; expected at least one"),
        new("data: broken JSON", d => Data(d, Good + "\n{\"conversations\": [}"), typeof(DatasetException), "{dir}/data.jsonl(2): bad JSON at byte 20 of the line"),
        new("data: no conversations", d => Data(d, "{\"text\": \"a\"}"), typeof(DatasetException), "{dir}/data.jsonl(1): no question is there, only \"text\"; expected turns (\"conversations\" or \"messages\"; Columns.Turns can name another list), or one column for the question"),
        new("data: empty conversation", d => Data(d, "{\"conversations\": []}"), typeof(DatasetException), "{dir}/data.jsonl(1): the conversation has no turns; expected at least a user turn and an assistant turn"),
        new("data: no content", d => Data(d, "{\"conversations\": [{\"role\": \"user\"}]}"), typeof(DatasetException), "{dir}/data.jsonl(1): turn 1 has no \"content\"; expected a string"),
        new("data: two users in a row", d => Data(d, Line("user", "user")), typeof(DatasetException), "{dir}/data.jsonl(1): turn 2 is a second user turn in a row; expected the assistant's"),
        new("data: nothing left after truncation", d => Data(d, Good, maxLength: 8)[0], typeof(DatasetException), "{dir}/data.jsonl(1): the conversation is too long to keep any supervised token: it has 93 tokens, and MaxLength keeps 8"),
        new("data: a line too long", d => SftDataset.Open(Write(d, "data.jsonl", Good), Tokenizer, new SftDatasetOptions { MaxLineBytes = 10 }), typeof(DatasetException), "{dir}/data.jsonl(1): the line has 95 bytes; expected at most 10 (MaxLineBytes)"),
        new("data options", d => Data(d, Good, maxLength: 1), typeof(OptionsValidationException), "MaxLength is 1; expected 2 to 1048576."),

        // Model configurations.
        new("config: no such file", d => LMConfig.FromFile(Path.Combine(d, "config.json")), typeof(LMConfigException), "{dir}/config.json: the file does not exist."),
        new("config: a folder", d => LMConfig.FromFile(d), typeof(LMConfigException), "{dir}: it is a folder; expected a file."),
        new("config: not JSON", _ => LMConfig.FromJson("{"), typeof(LMConfigException), "LMConfig: $"),
        new("config: wrong type", _ => LMConfig.FromJson("{\"dim\": \"wide\"}"), typeof(LMConfigException), "LMConfig: $.dim: "),
        new("config: heads", _ => new MiniMindLM(new LMConfig { NHeads = 8, NKVHeads = 3 }), typeof(LMConfigException), "LMConfig: n_kv_heads is 3; expected a divisor of n_heads (8)."),
        new("config: two faults", _ => new MiniMindLM(new LMConfig { Dim = 0, Dropout = 1 }), typeof(LMConfigException), "LMConfig: dim is 0; expected a positive number; dropout is 1; expected at least 0 and below 1."),
        new("config: odd head size", _ => new MiniMindLM(new LMConfig { Dim = 9, NHeads = 3, NKVHeads = 3 }), typeof(LMConfigException), "LMConfig: head size (head_dim, or dim / n_heads) is 3; expected an even number"),
        new("config: experts", _ => new MiniMindLM(new LMConfig { UseMoe = true, NumExpertsPerTok = 5 }), typeof(LMConfigException), "LMConfig: num_experts_per_tok is 5; expected at most n_routed_experts (4)."),

        // Weight files.
        new("weights: no such file", d => Weights(d, null), typeof(FileNotFoundException), "{dir}/w.safetensors: there is neither a file nor a folder of that name."),
        new("weights: not safetensors", d => Weights(d, "some weights"), typeof(WeightFileException), "{dir}/w.safetensors: the header length is "),
        new("weights: a damaged GGUF file", d => Weights(d, "GGUF weights"), typeof(WeightFileException), "{dir}/w.safetensors: the version is "),
        new("weights: a git-lfs pointer", d => Weights(d, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"), typeof(WeightFileException), "{dir}/w.safetensors: this is a git-lfs pointer and not the file itself; fetch the file"),
        new("weights: a model that is a GGUF file", d => ModelWeights.LoadModel(Write(d, "model.gguf", "GGUF weights")), typeof(WeightFileException), "{dir}/model.gguf: the version is "),
        new("weights: a directory with a GGUF file only", d => WeightFile.Open(Path.GetDirectoryName(Write(d, "model.gguf", "GGUF weights"))!), typeof(FileNotFoundException), "pytorch_model.bin.index.json is there; model.gguf is, which can be named itself."),
        new("weights: neither a file nor a folder", d => ModelWeights.LoadModel(Path.Combine(d, "no", "model")), typeof(FileNotFoundException), "{dir}/no/model: there is neither a file nor a folder of that name."),
        new("weights: a folder for a file", d => SafeTensorsFile.Open(d), typeof(WeightFileException), "{dir}: it is a folder; expected a file."),
        new("weights: not a PyTorch archive", d => Weights(d, "PK\u0003\u0004 zipped weights"), typeof(WeightFileException), "{dir}/w.safetensors: the zip archive is damaged"),
        new("weights: another model's", d => OtherModel(d), typeof(WeightMismatchException), "{dir}/w.safetensors"),
        new("weights: model directory without a config", d => ModelWeights.LoadModel(d), typeof(LMConfigException), "{dir}/config.json: the file does not exist."),

        // Tokenizers.
        new("tokenizer: no such file", d => MiniMindTokenizer.FromDirectory(d), typeof(TokenizerException), "{dir}/tokenizer.json: the file does not exist"),
        new("tokenizer: neither a file nor a folder", d => MiniMindTokenizer.FromDirectory(Path.Combine(d, "no")), typeof(TokenizerException), "{dir}/no: there is neither a file nor a folder of that name; expected a folder that holds tokenizer.json"),
        new("tokenizer: a file", d => MiniMindTokenizer.FromDirectory(Write(d, "tokenizer.json", "{}")), typeof(TokenizerException), "{dir}/tokenizer.json: it is a file; expected the folder that holds tokenizer.json"),
        new("tokenizer: broken JSON", d => BadTokenizer(d, json => json[..100]), typeof(TokenizerException), "{dir}/tokenizer.json: the file is not valid JSON: "),
        new("tokenizer: another kind", d => BadTokenizer(d, json => json.Replace("\"BPE\"", "\"Unigram\"")), typeof(TokenizerException), "{dir}/tokenizer.json: model.type is 'Unigram'; expected 'BPE'"),
        new("tokenizer: a normalizer", d => BadTokenizer(d, json => json.Replace("\"normalizer\": null", "\"normalizer\": {\"type\": \"NFKC\"}")), typeof(TokenizerException), "{dir}/tokenizer.json: normalizer.type is 'NFKC'; expected 'NFC', or no normalizer"),
        new("tokenizer: a byte is missing", d => BadTokenizer(d, json => json.Replace("\"a\": ", "\"aa\": ")), typeof(TokenizerException), "{dir}/tokenizer.json: model.vocab lacks 'a' (byte 97); expected a token for every byte"),
        new("tokenizer: an impossible merge", d => BadTokenizer(d, json => json.Replace("\"merges\": []", "\"merges\": [\"a b\"]")), typeof(TokenizerException), "{dir}/tokenizer.json: model.merges[0] needs the token 'ab', which model.vocab lacks"),
        new("tokenizer: an id twice", d => BadTokenizer(d, json => json.Replace("\"a\": ", "\"a\": 2, \"aa\": ")), typeof(TokenizerException), "{dir}/tokenizer.json: model.vocab gives the id 2 to '</s>' and to 'a'"),
        new("tokenizer: an end token that is not there", d => BadTokenizer(d, json => json, "{\"eos_token\": \"<end>\"}"), typeof(TokenizerException), "{dir}/tokenizer_config.json: eos_token is '<end>', which tokenizer.json does not have"),
        new("tokenizer: an unknown template", d => Unknown(d).ChatTemplate, typeof(ChatTemplateException), "{dir}/tokenizer_config.json: the chat_template is none this library knows"),
        new("tokenizer: two wrong options", _ => new BpeTrainer(new BpeTrainerOptions { VocabSize = 100, MinFrequency = -1 }), typeof(OptionsValidationException), "BpeTrainerOptions.VocabSize is 100; expected at least 259, for 3 special and added tokens and 256 bytes.; BpeTrainerOptions.MinFrequency is -1; expected zero or more"),
        new("tokenizer: too small a vocabulary", _ => new BpeTrainer(new BpeTrainerOptions { VocabSize = 100 }), typeof(OptionsValidationException), "VocabSize is 100; expected at least 259, for 3 special and added tokens and 256 bytes"),

        // Runs.
        new("run: options", _ => Trainer(new ReasonDistillOptions { Epochs = 0, GradientClip = -1, Device = "tpu" }), typeof(OptionsValidationException), "ReasonDistillOptions.Epochs is 0; expected 1 or more.; ReasonDistillOptions.GradientClip is -1; expected zero or more.; ReasonDistillOptions.Device is 'tpu'; expected auto, cpu, cuda or cuda:N."),
        new("run: CUDA where there is none", _ => Trainer(new ReasonDistillOptions { Device = "cuda:7" }), typeof(DeviceUnavailableException), "device 'cuda:7' is not available: "),
        new("run: no examples", _ => new ReasonDistillTrainer(Model(), [], TinyRun.Loss, new CosineSchedule(1e-3)), typeof(ArgumentException), "the dataset has no examples"),
        new("run: learning rate", _ => new CosineSchedule(-1), typeof(ArgumentOutOfRangeException), "expected a positive number"),
        new("run: an empty tag", _ => new WeightedTagLoss(Tokenizer, new WeightedTagLossOptions { Tags = [""] }), typeof(OptionsValidationException), "Tags holds an empty tag; expected texts such as <think>."),
        new("run: resume from no checkpoint", d => Resume(d), typeof(CheckpointException), "{dir}: is no checkpoint; expected a file trainer.json in it"),
        new("run: resume from a damaged checkpoint", d => Resume(d, "{\"format_version\": 99}"), typeof(CheckpointException), "format_version is 99; this library reads 1 to 6"),
        new("run: a state that is a pipe", d => Resume(Path.GetDirectoryName(Pipe(d, "trainer.json"))!), typeof(CheckpointException), "{dir}: trainer.json cannot be read: it is a pipe, a socket or a device; expected a file."),
        new("run: a state that is too large", d => Resume(d, new string(' ', (1 << 20) + 1)), typeof(CheckpointException), "{dir}: trainer.json cannot be read: the file has 1048577 bytes; expected at most 1048576."),
        new("run: a damaged state", d => Resume(d, "{\"format_version\": \"1\"}"), typeof(CheckpointException), "expected an object with a whole number format_version"),
        new("run: an id beyond the model", _ => Model().forward(torch.tensor(new long[,] { { 1, 2 }, { 3, 40 } })), typeof(ArgumentException), "row 1 holds the id 40 at position 1; expected 0 to 39, the ids of the vocabulary (vocab_size)"),
        new("run: a negative id", _ => Model().forward(torch.tensor(new long[,] { { 1, -1 } })), typeof(ArgumentException), "row 0 holds the id -1 at position 1"),
        new("run: a tokenizer beyond the model", d => TinyRun.Trainer(Model(), Data(d, Good), TinyRun.Options()), typeof(ArgumentException), "the dataset's tokenizer has 259 tokens, the model 40; expected at most as many"),
        new("evaluation: two wrong options", _ => new ReasoningEvaluator([new([new("user", "1+1?")], "2")], Tokenizer, new ReasoningEvaluatorOptions { Samples = 0, Generation = new() { TopP = 2 } }), typeof(OptionsValidationException), "ReasoningEvaluatorOptions.Samples is 0; expected 1 or more.; ReasoningEvaluatorOptions.Generation: GenerationOptions.TopP is 2; expected above 0 and at most 1."),
        new("run: a sequence beyond the model", _ => Model().forward(torch.zeros(1, 33, dtype: torch.ScalarType.Int64)), typeof(ArgumentException), "expected 1 to 32 tokens in a sequence (max_seq_len), found 33"),
    ];

    private readonly string _directory = TinyRun.TemporaryFolder();

    public static TheoryData<string> Mistakes => [.. Table.Select(r => r.Mistake)];

    private static string Good => Line("user", "assistant");

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Every_mistake_gets_an_exception_that_names_it(string mistake)
    {
        var row = Table.Single(r => r.Mistake == mistake);

        var exception = Assert.Throws(row.Exception, () => row.Act(_directory));

        Assert.Contains(row.Message.Replace("{dir}", _directory, StringComparison.Ordinal), exception.Message, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine($"{row.Exception.Name}: {exception.Message}");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static string Line(string first, string second) =>
        $$"""{"conversations": [{"role": "{{first}}", "content": "2+3?"}, {"role": "{{second}}", "content": "5"}]}""";

    private static string Write(string directory, string name, string text)
    {
        var path = Path.Combine(directory, name);
        File.WriteAllText(path, text, Encoding.Latin1);
        return path;
    }

    private static string Pipe(string directory, string name)
    {
        ExternalProgram.Run("mkfifo", Path.Combine(directory, name));
        return Path.Combine(directory, name);
    }

    private static SftDataset Data(string directory, string? text, int maxLength = 512)
    {
        var path = text is null ? Path.Combine(directory, "data.jsonl") : Write(directory, "data.jsonl", text);
        return SftDataset.Open(path, Tokenizer, new SftDatasetOptions { MaxLength = maxLength });
    }

    private static MiniMindLM Model() => new(TinyRun.Config, seed: 1);

    private static ReasonDistillTrainer Trainer(ReasonDistillOptions options) => TinyRun.Trainer(Model(), TinyRun.Examples(2), options);

    private static WeightReport Weights(string directory, string? text)
    {
        using var model = Model();
        return model.LoadWeights(text is null ? Path.Combine(directory, "w.safetensors") : Write(directory, "w.safetensors", text));
    }

    private static WeightReport OtherModel(string directory)
    {
        using var other = new MiniMindLM(TinyRun.Config with { NLayers = 1 }, seed: 1);
        other.SaveWeights(Path.Combine(directory, "w.safetensors"));
        return Weights(directory, null);
    }

    private static MiniMindTokenizer BadTokenizer(string directory, Func<string, string> damage, string? settings = null)
    {
        Tokenizer.Save(directory);
        var path = Path.Combine(directory, MiniMindTokenizer.TokenizerFileName);
        File.WriteAllText(path, damage(File.ReadAllText(path)));
        if (settings is not null)
            File.WriteAllText(Path.Combine(directory, MiniMindTokenizer.SettingsFileName), settings);
        return MiniMindTokenizer.FromDirectory(directory);
    }

    private static MiniMindTokenizer Unknown(string directory) => BadTokenizer(directory, json => json, "{\"chat_template\": \"{{ messages }}\"}");

    private static string Resume(string directory, string? state = null)
    {
        if (state is not null)
            Write(directory, "trainer.json", state);
        Trainer(TinyRun.Options()).ResumeAsync(directory, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
        return directory;
    }

    private sealed record Row(string Mistake, Func<string, object?> Act, Type Exception, string Message);
}
