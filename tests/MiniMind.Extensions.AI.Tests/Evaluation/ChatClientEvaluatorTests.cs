using System.Net;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;
using MiniMind.Training;

namespace MiniMind.Extensions.AI.Tests;

public class ChatClientEvaluatorTests
{
    private static readonly ReasoningProblem[] Problems = [.. Enumerable.Range(0, 10).Select(i => new ReasoningProblem([new("user", $"What is {i} + 1?")], $"{i + 1}"))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_client_is_examined_as_a_student_is()
    {
        using var teacher = new ScriptedTeacher(r => Task.FromResult(HarvestFixture.Number(r.Question) switch
        {
            0 => ScriptedTeacher.Reply("7", "a guess", reasoningTokens: 4),
            1 => ScriptedTeacher.Reply("2"),
            2 => ScriptedTeacher.Reply("", "so far", ChatFinishReason.Length, reasoningTokens: 4),
            _ => HarvestFixture.Right(r.Question),
        }));

        var evaluation = await new ChatClientEvaluator(Problems).EvaluateAsync(teacher, cancellationToken: Cancellation);

        Assert.Equal((10, 0.8, 0.8, 0.1), (evaluation.Problems, evaluation.Accuracy, evaluation.FormatCompliance, evaluation.TruncatedShare));
        Assert.Equal(10, evaluation.MeanReplyTokens);
        Assert.Equal(0.8, evaluation.MeanReasoningTokens);
        Assert.False(evaluation.Replies[0].IsRight);
    }

    [Fact]
    public async Task A_reply_that_cannot_be_had_is_no_wrong_answer()
    {
        using var teacher = new ScriptedTeacher(r => HarvestFixture.Number(r.Question) == 3 ? throw ScriptedTeacher.Fault(HttpStatusCode.InternalServerError) : Task.FromResult(HarvestFixture.Right(r.Question)));
        var options = new ChatClientEvaluatorOptions { MaxRetries = 1, RetryDelay = TimeSpan.FromMilliseconds(1) };

        var exception = await Assert.ThrowsAsync<TeacherException>(() => new ChatClientEvaluator(Problems, options).EvaluateAsync(teacher, cancellationToken: Cancellation));

        Assert.Contains("problem 4 got no reply", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Samples_have_seeds_of_their_own_and_faults_that_pass_do_not_count()
    {
        using var teacher = new ScriptedTeacher(r => r.Before == 0 && r.Seed == 6 ? throw ScriptedTeacher.Fault(HttpStatusCode.BadGateway) : Task.FromResult(r.Seed == 5 ? HarvestFixture.Right(r.Question) : ScriptedTeacher.Reply("0", "no")));
        var options = new ChatClientEvaluatorOptions { Samples = 2, Chat = new ChatOptions { Seed = 5 }, RetryDelay = TimeSpan.FromMilliseconds(1) };

        var evaluation = await new ChatClientEvaluator(Problems, options).EvaluateAsync(teacher, cancellationToken: Cancellation);

        Assert.Equal((0.5, 1.0), (evaluation.Accuracy, evaluation.PassAt[2]));
    }

    [Fact]
    public async Task Teacher_and_student_stand_in_one_table()
    {
        using var teacher = new ScriptedTeacher(r => Task.FromResult(HarvestFixture.Right(r.Question)));
        using var student = new ScriptedTeacher(r => Task.FromResult(HarvestFixture.Number(r.Question) < 7 ? HarvestFixture.Right(r.Question) : ScriptedTeacher.Reply("0", "no")));
        var evaluator = new ChatClientEvaluator(Problems);
        var table = new EvaluationTable()
            .Add("teacher", await evaluator.EvaluateAsync(teacher, cancellationToken: Cancellation), new TokenPrices { OutputPerMillion = 10 })
            .Add("student", await evaluator.EvaluateAsync(student, cancellationToken: Cancellation), new TokenPrices { OutputPerMillion = 0.01m });

        Assert.Equal("student reaches 70.0 % of teacher's accuracy with 1.00 times the tokens at 1/1000 of their price.", table.Compare());
        Assert.Contains("| teacher | 100.0 % | 72.2 % to 100.0 % | 100.0 % | 0 | 10 | 0.1 USD |", table.ToMarkdown(), StringComparison.Ordinal);
        Assert.Equal(3, table.ToString().TrimEnd().Split('\n').Length);
    }

    [Fact]
    public async Task A_verifier_is_an_evaluator_too()
    {
        var evaluator = new ReplyVerifierEvaluator(new AnswerVerifier());
        var response = new ChatResponse(new ChatMessage(ChatRole.Assistant, "<think>2 + 2 = 4</think>4"));

        var right = await evaluator.EvaluateAsync([new ChatMessage(ChatRole.User, "2 + 2?")], response, additionalContext: [new ExpectedAnswerContext("4")], cancellationToken: Cancellation);
        var wrong = await evaluator.EvaluateAsync([new ChatMessage(ChatRole.User, "2 + 2?")], response, additionalContext: [new ExpectedAnswerContext("5")], cancellationToken: Cancellation);

        Assert.True(right.Get<BooleanMetric>(ReplyVerifierEvaluator.RightMetric).Value);
        Assert.True(right.Get<BooleanMetric>(ReplyVerifierEvaluator.ReasonedMetric).Value);
        Assert.False(wrong.Get<BooleanMetric>(ReplyVerifierEvaluator.RightMetric).Value);
        Assert.True(wrong.Get<BooleanMetric>(ReplyVerifierEvaluator.RightMetric).Interpretation!.Failed);
        Assert.Contains("\"5\"", wrong.Get<BooleanMetric>(ReplyVerifierEvaluator.RightMetric).Reason, StringComparison.Ordinal);
    }
}
