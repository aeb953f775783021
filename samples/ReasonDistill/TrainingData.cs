using MiniMind.Training;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>The run's tokenizer and examples.</summary>
internal sealed record TrainingData(
    MiniMindTokenizer Tokenizer, SftDataset Training, SftDataset? HeldOut, IReadOnlyList<ReasoningProblem> HeldOutProblems) : IDisposable
{
    private const int EvaluatedProblems = 200;
    private const int TrainedVocabulary = 512;

    /// <summary>What the teacher wrote, or data that is there already.</summary>
    public static TrainingData Prepare(RunSettings settings, TaughtData? taught, PretrainedModel? pretrained, CancellationToken cancellationToken)
    {
        var (training, heldOut) = (taught?.Training ?? settings.Data!, taught?.HeldOut ?? settings.HeldOut);
        var tokenizer = pretrained?.Tokenizer ?? (settings.Tokenizer is { } directory ? MiniMindTokenizer.FromDirectory(directory) : Train(settings.Reading, training, cancellationToken));
        var options = new SftDatasetOptions
        {
            MaxLength = Math.Min(settings.Model.MaxSeqLen, pretrained?.Model.Config.MaxSeqLen ?? int.MaxValue),
            InvalidExamples = InvalidExamplePolicy.Skip,
            EmptyReplies = settings.Reading.EmptyReplies,
            ConsecutiveTurns = settings.Reading.ConsecutiveTurns,
            Columns = settings.Reading.Columns,
        };
        return new TrainingData(
            tokenizer,
            SftDataset.Open(training, tokenizer, options, cancellationToken),
            heldOut is null ? null : SftDataset.Open(heldOut, tokenizer, options, cancellationToken),
            taught?.HeldOutProblems
                ?? (heldOut is null ? [] : [.. new ConversationReader(settings.Reading).Read(heldOut).Take(EvaluatedProblems).Select(ReasoningProblem.FromConversation)]));
    }

    public void Dispose()
    {
        Training.Dispose();
        HeldOut?.Dispose();
    }

    private static MiniMindTokenizer Train(ConversationReaderOptions reading, string path, CancellationToken cancellationToken)
    {
        // On rendered conversations, so that roles and the template's own words become few tokens too.
        var template = ChatTemplate.MiniMind2025;
        var texts = new ConversationReader(reading).Read(path).SelectMany(c => template.Render(c.Turns)).SelectMany(s => s.Text.Split(template.SpecialTokens.ToArray(), StringSplitOptions.RemoveEmptyEntries));
        var options = new BpeTrainerOptions
        {
            VocabSize = TrainedVocabulary,
            ChatTemplate = template,
            AddedTokens = ["<think>", "</think>", "<answer>", "</answer>"],
        };
        return new BpeTrainer(options).Train(texts, cancellationToken);
    }
}
