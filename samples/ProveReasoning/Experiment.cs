using System.Globalization;
using MiniMind.Training;

namespace MiniMind.Samples.ProveReasoning;

/// <summary>The lessons of one seed, and students trained on them.</summary>
internal sealed class Experiment
{
    private const int Steps = 5;
    private const int HeldOutCount = 300;
    private const int CurvePoints = 8;
    private static readonly string[] Tags = ["<think>", "</think>", "<answer>", "</answer>"];

    private readonly int _seed;
    private readonly int _epochs;
    private readonly Expression[] _training;
    private readonly Expression[] _heldOut;
    private readonly MiniMindTokenizer _tokenizer;

    public Experiment(int seed, int problems, int epochs)
    {
        (_seed, _epochs) = (seed, epochs);
        // Neither a held-out problem nor its sequence of operands occurs in training.
        var random = new Random(seed);
        var heldOut = new Dictionary<string, Expression>();
        while (heldOut.Count < HeldOutCount)
        {
            var expression = Expression.Random(random, Steps);
            heldOut.TryAdd(Operands(expression), expression);
        }

        var training = new Dictionary<string, Expression>();
        while (training.Count < problems)
        {
            var expression = Expression.Random(random, Steps);
            if (!heldOut.ContainsKey(Operands(expression)))
                training.TryAdd(expression.Text, expression);
        }

        (_training, _heldOut) = ([.. training.Values], [.. heldOut.Values]);
        var template = ChatTemplate.MiniMind2025;
        var texts = _training.Select(e => e.ToConversation(withSteps: true))
            .SelectMany(c => template.Render(c.Turns))
            .SelectMany(s => s.Text.Split(template.SpecialTokens.ToArray(), StringSplitOptions.RemoveEmptyEntries));
        _tokenizer = new BpeTrainer(new BpeTrainerOptions { VocabSize = 320, ChatTemplate = template, AddedTokens = Tags }).Train(texts);
    }

    /// <summary>Trains one student. Model, initial weights, order, number of answers and steps are the same for every variant of a seed.</summary>
    public async Task<Outcome> TrainAsync(Variant variant, CancellationToken cancellationToken)
    {
        Conversation[] lessons = [.. _training.Select(e => e.ToConversation(variant.WithSteps))];
        Conversation[] unseen = [.. _heldOut.Select(e => e.ToConversation(variant.WithSteps))];
        using var dataset = SftDataset.FromConversations(lessons, _tokenizer);
        using var heldOut = SftDataset.FromConversations(unseen, _tokenizer);
        using var model = new MiniMindLM(
            new LMConfig { Dim = 128, NLayers = 3, NHeads = 4, VocabSize = _tokenizer.VocabSize, MaxSeqLen = 192 }, _seed);
        var options = new ReasonDistillOptions
        {
            Device = "cpu",
            Epochs = _epochs,
            Seed = _seed,
            Sampling = { BatchSize = 16, Order = SampleOrder.Shuffled, Seed = _seed },
        };
        var steps = _epochs * ((lessons.Length + options.Sampling.BatchSize - 1) / options.Sampling.BatchSize);
        options.EvaluationInterval = Math.Max(1, steps / CurvePoints);
        var problems = unseen.Select(ReasoningProblem.FromConversation).ToList();
        var generation = new ReasoningEvaluatorOptions { BatchSize = 100, Generation = new GenerationOptions { MaxNewTokens = 96 } };
        var curve = new Curve(new ReasoningEvaluator(problems.Take(100).ToList(), _tokenizer, generation));
        var loss = new WeightedTagLoss(_tokenizer, new WeightedTagLossOptions { TagWeight = variant.TagWeight, Matching = variant.Matching, Tags = Tags });
        await using var trainer = new ReasonDistillTrainer(model, dataset, loss, new CosineSchedule(1.5e-3), options, [curve]);
        var result = await trainer.RunAsync(cancellationToken);
        var evaluation = new ReasoningEvaluator(problems, _tokenizer, generation, heldOut).Evaluate(model, cancellationToken: cancellationToken);
        return new Outcome(evaluation, result.Tokens, result.Elapsed.TotalSeconds, curve.Points);
    }

    private static string Operands(Expression expression) =>
        string.Join(',', expression.Rest.Select(r => r.Operand).Prepend(expression.First).Select(n => n.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Measures the accuracy while a student learns.</summary>
    private sealed class Curve(ReasoningEvaluator evaluator) : ITrainingCallback
    {
        public List<(double Step, double Accuracy)> Points { get; } = [(0, 0)];

        public async ValueTask OnEvaluationDueAsync(EvaluationDueArguments arguments)
        {
            var step = arguments.Progress.Step + 1;
            if (step % Math.Max(1, arguments.Progress.TotalSteps / CurvePoints) != 0)
                return;
            var result = await arguments.Control.ComputeAsync(() => evaluator.Evaluate(arguments.Control.Model, null, arguments.CancellationToken));
            Points.Add((step, result.Accuracy));
        }
    }
}
