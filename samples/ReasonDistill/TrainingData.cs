using System.Text.Encodings.Web;
using System.Text.Json;
using MiniMind.Training;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>The run's tokenizer and examples.</summary>
internal sealed record TrainingData(
    MiniMindTokenizer Tokenizer, SftDataset Training, SftDataset? HeldOut, IReadOnlyList<ReasoningProblem> HeldOutProblems) : IDisposable
{
    private const int EvaluatedProblems = 200;
    private const int TrainedVocabulary = 512;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TrainingData Prepare(RunSettings settings, CancellationToken cancellationToken)
    {
        var (training, heldOut) = (settings.Data, settings.HeldOut);
        if (training is null)
        {
            (training, heldOut) = (settings.PathOf("train.jsonl"), settings.PathOf("held_out.jsonl"));
            var problems = new WordProblemTeacher((int)settings.Training.Seed).Write(settings.Problems + EvaluatedProblems);
            Write(training, problems.Take(settings.Problems));
            Write(heldOut, problems.Skip(settings.Problems));
        }

        var tokenizer = settings.Tokenizer is { } directory ? MiniMindTokenizer.FromDirectory(directory) : Train(training, cancellationToken);
        var options = new SftDatasetOptions { MaxLength = settings.Model.MaxSeqLen, InvalidExamples = InvalidExamplePolicy.Skip };
        return new TrainingData(
            tokenizer,
            SftDataset.FromJsonl(training, tokenizer, options, cancellationToken),
            heldOut is null ? null : SftDataset.FromJsonl(heldOut, tokenizer, options, cancellationToken),
            heldOut is null ? [] : [.. new ConversationReader().Read(heldOut).Take(EvaluatedProblems).Select(ReasoningProblem.FromConversation)]);
    }

    public void Dispose()
    {
        Training.Dispose();
        HeldOut?.Dispose();
    }

    private static void Write(string path, IEnumerable<WordProblem> problems) =>
        File.WriteAllLines(path, problems.Select(p => JsonSerializer.Serialize(
            new { conversations = new object[] { new { role = "user", content = p.Question }, new { role = "assistant", content = p.Reply } } },
            Json)));

    private static MiniMindTokenizer Train(string path, CancellationToken cancellationToken)
    {
        // On rendered conversations, so that roles and the template's own words become few tokens too.
        var template = ChatTemplate.MiniMind2025;
        var texts = new ConversationReader().Read(path).SelectMany(c => template.Render(c.Turns)).SelectMany(s => s.Text.Split(template.SpecialTokens.ToArray(), StringSplitOptions.RemoveEmptyEntries));
        var options = new BpeTrainerOptions
        {
            VocabSize = TrainedVocabulary,
            ChatTemplate = template,
            AddedTokens = ["<think>", "</think>", "<answer>", "</answer>"],
        };
        return new BpeTrainer(options).Train(texts, cancellationToken);
    }
}
