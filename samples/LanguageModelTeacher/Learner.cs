using MiniMind.Training;

namespace MiniMind.Samples.LanguageModelTeacher;

/// <summary>A small model and its tokenizer, both trained from nothing on conversations.</summary>
internal sealed class Learner : IDisposable
{
    private const int Seed = 1337;
    private const int Vocabulary = 512;
    private const int LongestConversation = 256;

    private Learner(MiniMindLM model, MiniMindTokenizer tokenizer)
    {
        (Model, Tokenizer) = (model, tokenizer);
    }

    public MiniMindLM Model { get; }

    public MiniMindTokenizer Tokenizer { get; }

    /// <summary>Trains a learner.</summary>
    /// <param name="lessons">What it learns from.</param>
    /// <param name="dim">Width of the model. Query and key norms, many heads and two layers: what finds the right number of a text soonest.</param>
    /// <param name="epochs">Passes over the lessons.</param>
    /// <param name="learningRate">The cosine's rate.</param>
    public static async Task<Learner> TrainAsync(IReadOnlyList<Conversation> lessons, int dim, int epochs, double learningRate)
    {
        var tokenizer = TrainTokenizer(lessons);
        using var data = SftDataset.FromConversations(lessons, tokenizer, new SftDatasetOptions { MaxLength = LongestConversation });
        var config = new LMConfig
        {
            Dim = dim,
            NLayers = 2,
            NHeads = 8,
            NKVHeads = 4,
            QKNorm = true,
            MaxSeqLen = LongestConversation,
            VocabSize = tokenizer.VocabSize,
        };
        var learner = new Learner(new MiniMindLM(config, Seed), tokenizer);
        var options = new ReasonDistillOptions
        {
            Epochs = epochs,
            Precision = TrainingPrecision.BFloat16,
            LogInterval = 250,
            Sampling = { BatchSize = 16, Order = SampleOrder.LengthBucketed },
        };
        await using var trainer = new ReasonDistillTrainer(
            learner.Model, data, new WeightedTagLoss(tokenizer), new CosineSchedule(learningRate), options, [new ConsoleProgress(stepInterval: 250)]);
        await trainer.RunAsync();
        return learner;
    }

    public void Dispose() => Model.Dispose();

    /// <summary>On rendered conversations, so that roles and the template's own words become few tokens too.</summary>
    private static MiniMindTokenizer TrainTokenizer(IEnumerable<Conversation> lessons)
    {
        var template = ChatTemplate.MiniMind2025;
        var options = new BpeTrainerOptions
        {
            VocabSize = Vocabulary,
            ChatTemplate = template,
            AddedTokens = ["<think>", "</think>", "<answer>", "</answer>"],
        };
        var texts = lessons.SelectMany(lesson => template.Render(lesson.Turns))
            .SelectMany(segment => segment.Text.Split(template.SpecialTokens.ToArray(), StringSplitOptions.RemoveEmptyEntries));
        return new BpeTrainer(options).Train(texts);
    }
}
