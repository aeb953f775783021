using Microsoft.Extensions.AI;
using MiniMind.Training;

namespace MiniMind.Extensions.AI.Tests;

/// <summary>The program of docs/rounds.md, which quotes the body of its method.</summary>
internal static class SecondRound
{
    public static async Task<ReasoningEvaluation> RunAsync(
        MiniMindLM model,
        MiniMindTokenizer tokenizer,
        IReadOnlyList<ReasoningProblem> problems,
        ReasoningEvaluatorOptions evaluating,
        IChatClient teacher,
        IReadOnlyList<string> rounds,
        string next,
        string run,
        ReasonDistillOptions options,
        CancellationToken token)
    {
        // 1. Which of the problems that it is taught does the student get wrong?
        var evaluation = await new ReasoningEvaluator(problems, tokenizer, evaluating).EvaluateAsync(model, cancellationToken: token);
        var wrong = evaluation.Outcomes.Where(o => o.SolvedShare < 1).Select(o => o.Problem);

        // 2. Ask the teacher about them again: another seed gives other words, a folder of its own another file.
        var asking = new HarvestOptions { Directory = next, Chat = new() { Temperature = 1, Seed = 2 } };
        var again = wrong.Select(p => new HarvestProblem(p.Turns) { Answer = p.Answer, Category = p.Category }).ToAsyncEnumerable();
        var harvest = await new ReasoningHarvester(teacher, asking).RunAsync(again, new AnswerVerifier(), cancellationToken: token);

        // 3. Append what it replied, and go on with the run.
        var reader = new ConversationReader();
        using var dataset = SftDataset.FromConversations(rounds.Append(harvest.TrainingFile).SelectMany(file => reader.Read(file)), tokenizer);
        var writer = new CheckpointWriter(new() { Directory = run, StepInterval = 100, SaveAtEpochEnd = false });
        await using var trainer = new ReasonDistillTrainer(model, dataset, new WeightedTagLoss(tokenizer), new CosineSchedule(3e-3), options, [writer]);
        await trainer.ResumeAsync(run, new ResumeOptions { AllowAppendedExamples = true }, token);
        await trainer.RunAsync(token);

        return evaluation;
    }
}
