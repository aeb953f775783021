using MiniMind.Training;

namespace MiniMind.Samples.ProveReasoning;

/// <summary>Trains one student and examines it.</summary>
internal static class Student
{
    private const double LearningRate = 2.5e-3;
    private const int WarmupSteps = 100;
    private const int BatchSize = 16;
    private const int CurvePoints = 8;
    private const int CurveProblems = 100;
    private const int LongestReply = 128;

    /// <summary>Architecture, initial weights, order, number of answers and of steps are the same for every variant of a seed.</summary>
    public static async Task<Outcome> TrainAsync(Lessons lessons, Variant variant, int seed, int epochs, CancellationToken cancellationToken)
    {
        var tokenizer = lessons.Tokenizer;
        Conversation[] unseen = [.. lessons.HeldOut.Select(e => e.ToConversation(variant.WithSteps))];
        using var dataset = SftDataset.FromConversations(lessons.Training.Select(e => e.ToConversation(variant.WithSteps)), tokenizer);
        using var heldOut = SftDataset.FromConversations(unseen, tokenizer);
        using var model = new MiniMindLM(new LMConfig { Dim = 96, NLayers = 3, NHeads = 4, VocabSize = tokenizer.VocabSize, MaxSeqLen = 256 }, seed);

        var problems = unseen.Select(ReasoningProblem.FromConversation).ToList();
        var settings = new ReasoningEvaluatorOptions { BatchSize = CurveProblems, Generation = new GenerationOptions { MaxNewTokens = LongestReply } };
        var steps = epochs * ((dataset.Count + BatchSize - 1) / BatchSize);
        var options = new ReasonDistillOptions
        {
            Device = "cpu",
            Epochs = epochs,
            EvaluationInterval = Math.Max(1, steps / CurvePoints),
            Sampling = { BatchSize = BatchSize, Order = SampleOrder.Shuffled, Seed = seed },
        };
        var curve = new Curve(new ReasoningEvaluator([.. problems.Take(CurveProblems)], tokenizer, settings), options.EvaluationInterval);
        var loss = new WeightedTagLoss(tokenizer, new WeightedTagLossOptions { TagWeight = variant.TagWeight, Matching = variant.Matching });
        await using var trainer = new ReasonDistillTrainer(model, dataset, loss, new CosineSchedule(LearningRate, WarmupSteps), options, [curve]);
        var result = await trainer.RunAsync(cancellationToken);
        var evaluation = new ReasoningEvaluator(problems, tokenizer, settings, heldOut).Evaluate(model, cancellationToken: cancellationToken);
        return new Outcome(evaluation, result.Tokens, result.Elapsed.TotalSeconds, curve.Points);
    }

    /// <summary>Measures the accuracy while a student learns.</summary>
    private sealed class Curve(ReasoningEvaluator evaluator, int interval) : ITrainingCallback
    {
        public List<(double Step, double Accuracy)> Points { get; } = [(0, 0)];

        public async ValueTask OnEvaluationDueAsync(EvaluationDueArguments arguments)
        {
            // An evaluation is due after each epoch too.
            if (arguments.Progress.Step % interval != 0)
                return;
            var result = await evaluator.EvaluateAsync(arguments.Control.Model, cancellationToken: arguments.CancellationToken);
            Points.Add((arguments.Progress.Step, result.Accuracy));
        }
    }
}
