using MiniMind.Training;

namespace MiniMind.Samples.ProveReasoning;

/// <summary>The expressions of one seed, and the tokenizer trained on them.</summary>
internal sealed class Lessons
{
    private const int Operations = 5;
    private const int HeldOutCount = 300;
    private const int VocabSize = 420;

    /// <summary>Writes the lessons. Neither a held-out expression nor its operands occur in training, and no expression occurs twice.</summary>
    public Lessons(int seed, int count)
    {
        var random = new Random(seed);
        var heldOut = new Dictionary<string, Expression>();
        while (heldOut.Count < HeldOutCount)
        {
            var expression = Expression.Random(random, Operations);
            heldOut.TryAdd(expression.Operands, expression);
        }

        var training = new Dictionary<string, Expression>();
        while (training.Count < count)
        {
            var expression = Expression.Random(random, Operations);
            if (!heldOut.ContainsKey(expression.Operands))
                training.TryAdd(expression.Text, expression);
        }

        (Training, HeldOut) = ([.. training.Values], [.. heldOut.Values]);
        // The tags are no tokens of their own but several ordinary ones, as in the reference's tokenizer.
        var template = ChatTemplate.MiniMind2025;
        var texts = Training.Select(e => e.ToConversation(withSteps: true))
            .SelectMany(c => template.Render(c.Turns))
            .SelectMany(s => s.Text.Split(template.SpecialTokens.ToArray(), StringSplitOptions.RemoveEmptyEntries));
        Tokenizer = new BpeTrainer(new BpeTrainerOptions { VocabSize = VocabSize, ChatTemplate = template }).Train(texts);
    }

    public IReadOnlyList<Expression> Training { get; }

    public IReadOnlyList<Expression> HeldOut { get; }

    public MiniMindTokenizer Tokenizer { get; }
}
