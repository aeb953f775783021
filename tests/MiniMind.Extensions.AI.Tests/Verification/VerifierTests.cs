using Microsoft.Extensions.AI;

namespace MiniMind.Extensions.AI.Tests;

public class VerifierTests
{
    [Theory]
    [InlineData("72", "The answer is 72.", true)]
    [InlineData("He earns 8 a day.\n#### 72", "\\boxed{72}", true)]
    [InlineData("72", "<answer>\n72 clips\n</answer>", true)]
    [InlineData("72", "73", false)]
    [InlineData("72", "Either 72 or 73.", false)]
    public async Task Answers_are_compared_by_value(string expected, string text, bool isRight) => await AssertAsync(new AnswerVerifier(), expected, text, isRight);

    [Theory]
    [InlineData("New  York", " New\nYork ", false, true)]
    [InlineData("New York", "new york", false, false)]
    [InlineData("New York", "new york", true, true)]
    public async Task Texts_are_compared_exactly_but_for_white_space(string expected, string text, bool ignoreCase, bool isRight) =>
        await AssertAsync(new ExactVerifier(ignoreCase), expected, text, isRight);

    [Theory]
    [InlineData("B", "(B)", true, "right answer")]
    [InlineData("B", "The answer is B.", true, "right answer")]
    [InlineData("B", "C", false, "wrong answer")]
    [InlineData("B", "A or B", false, "no single choice")]
    [InlineData("B", "it depends", false, "no single choice")]
    [InlineData("E", "E", false, "expected answer is no choice")]
    public async Task A_choice_is_one_letter(string expected, string text, bool isRight, string cause) =>
        Assert.Equal(cause, (await AssertAsync(new ChoiceVerifier(), expected, text, isRight)).Cause);

    [Fact]
    public async Task A_pattern_is_searched_in_the_answer()
    {
        await AssertAsync(new RegexVerifier(@"^\d{4}-\d\d-\d\d$"), null, "2026-11-27", true);
        await AssertAsync(new RegexVerifier(@"^\d{4}-\d\d-\d\d$"), null, "yesterday", false);
        await AssertAsync(new RegexVerifier("(a+)+$"), null, new string('a', 100_000) + "b", false);
        Assert.Throws<ArgumentException>(() => new RegexVerifier(@"(a)\1"));
        Assert.ThrowsAny<ArgumentException>(() => new RegexVerifier("("));
    }

    [Fact]
    public async Task A_problem_without_an_answer_is_not_right_and_says_so()
    {
        foreach (var verifier in new IReplyVerifier[] { new AnswerVerifier(), new ExactVerifier(), new ChoiceVerifier() })
            Assert.Equal("no expected answer", (await AssertAsync(verifier, null, "72", false)).Cause);
    }

    [Fact]
    public async Task Most_replies_decide_where_nobody_knows_the_answer()
    {
        var verifier = new SelfConsistencyVerifier();

        Assert.Equal([true, false, true], await VotesAsync(verifier, "7", "8", "The answer is 7."));
        Assert.Equal([false, false, false, false], await VotesAsync(verifier, "7", "8", "7", "8"));
        Assert.Equal([false], await VotesAsync(verifier, "7"));
        Assert.Equal([false, false, false, false, false], await VotesAsync(verifier, "1", "1", "2", "3", "4"));
        Assert.Equal([true, true, false, false], await VotesAsync(verifier, "1", "1", "", "2"));
        Assert.Equal([false, false, false, false], await VotesAsync(new SelfConsistencyVerifier(minVotes: 3), "1", "1", "2", "3"));
    }

    [Fact]
    public async Task Verifiers_are_combined_from_left_to_right_and_only_as_far_as_needed()
    {
        var asked = new List<string>();
        PredicateVerifier Says(string name, bool isRight) => new(name, (_, _) =>
        {
            asked.Add(name);
            return isRight;
        });

        Assert.Equal("not: b", (await AssertAsync(Verifiers.All(Says("a", true), Says("b", false), Says("c", true)), "1", "1", false)).Cause);
        Assert.Equal(["a", "b"], asked);
        asked.Clear();
        await AssertAsync(Verifiers.Any(Says("a", false), Says("b", true), Says("c", true)), "1", "1", true);
        Assert.Equal(["a", "b"], asked);
        await AssertAsync(Verifiers.Not(Says("a", false)), "1", "1", true);
        await AssertAsync(Verifiers.AnswerOrMajority(), "1", "1", true);
        Assert.Equal("no majority", (await AssertAsync(Verifiers.AnswerOrMajority(), null, "1", false)).Cause);
        Assert.Throws<ArgumentException>(() => Verifiers.All());
    }

    [Fact]
    public async Task A_vote_after_a_filter_counts_what_the_filter_left()
    {
        var verifier = Verifiers.All(new PredicateVerifier("short", (_, reply) => reply.Text.Length < 3), new SelfConsistencyVerifier());

        Assert.Equal([true, false, false, true], await VotesAsync(verifier, "7", "800", "800", "7"));
        Assert.True(verifier.RequiresAllReplies);
        Assert.Contains("short", verifier.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("VERDICT: SAME", "VERDICT: SAME", true, "judged right")]
    [InlineData("<think>VERDICT: DIFFERENT</think>They agree.\n**VERDICT: same.**", "VERDICT: SAME", true, "judged right")]
    [InlineData("VERDICT: DIFFERENT", "VERDICT: DIFFERENT", false, "judged wrong")]
    [InlineData("VERDICT: SAME", "VERDICT: DIFFERENT", false, "judge undecided")]
    [InlineData("VERDICT: SAME", "They are the same.", false, "judge unclear")]
    [InlineData("VERDICT: SAME\nVERDICT: DIFFERENT", "VERDICT: DIFFERENT", false, "judged wrong")]
    public async Task A_judge_must_say_the_same_in_both_orders(string first, string second, bool isRight, string cause)
    {
        var prompts = new List<string>();
        using var client = new ScriptedTeacher(r =>
        {
            prompts.Add(r.Question);
            return Task.FromResult(ScriptedTeacher.Reply(prompts.Count == 1 ? first : second));
        });
        var judge = new JudgeVerifier(client);

        Assert.Equal(cause, (await AssertAsync(judge, "half {first}", "0.5", isRight)).Cause);

        Assert.True(prompts[0].IndexOf("half {first}", StringComparison.Ordinal) < prompts[0].IndexOf("0.5", StringComparison.Ordinal));
        Assert.True(prompts[1].IndexOf("half {first}", StringComparison.Ordinal) > prompts[1].IndexOf("0.5", StringComparison.Ordinal));
        Assert.Equal((10, 20), (judge.InputTokens, judge.OutputTokens));
    }

    [Fact]
    public async Task A_judge_checks_alone_where_nobody_knows_the_answer()
    {
        using var client = new ScriptedTeacher(_ => Task.FromResult(ScriptedTeacher.Reply("Fine.\nVERDICT: RIGHT")));
        await AssertAsync(new JudgeVerifier(client), null, "0.5", true);
        Assert.Equal(1, client.Requests);
    }

    [Fact]
    public async Task A_judge_that_cannot_be_asked_gives_no_verdict()
    {
        using var client = new ScriptedTeacher(_ => Task.FromException<ChatResponse>(ScriptedTeacher.Fault(System.Net.HttpStatusCode.ServiceUnavailable)));
        await Assert.ThrowsAsync<HttpRequestException>(() => AssertAsync(new JudgeVerifier(client), "1", "1", true));
    }

    [Fact]
    public async Task A_verifier_judges_students_too()
    {
        var comparer = new VerifierComparer(Verifiers.All(new AnswerVerifier(), new StepsVerifier()));
        var problem = new Training.ReasoningProblem([new("user", "2 + 2?")], "4");

        Assert.True(await comparer.IsRightAsync(problem, ReasoningReply.Parse("<think>\n2 + 2 = 4\n</think>\n<answer>\n4\n</answer>"), TestContext.Current.CancellationToken));
        Assert.False(await comparer.IsRightAsync(problem, ReasoningReply.Parse("<think>\n2 + 2 = 5\n</think>\n<answer>\n4\n</answer>"), TestContext.Current.CancellationToken));
    }

    private static async Task<ReplyVerdict> AssertAsync(IReplyVerifier verifier, string? expected, string text, bool isRight)
    {
        var verdict = await verifier.VerifyAsync(new HarvestProblem("A question?", expected), new TeacherReply { Text = text, Reasoning = "1 + 1 = 2" }, TestContext.Current.CancellationToken);

        Assert.True(verdict.IsRight == isRight, verdict.ToString());
        Assert.NotEmpty(verdict.Cause);
        Assert.NotEmpty(verdict.Reason);
        Assert.NotEmpty(verifier.Description);
        return verdict;
    }

    private static async Task<IEnumerable<bool>> VotesAsync(IReplyVerifier verifier, params string[] texts) =>
        (await verifier.VerifyAllAsync(new HarvestProblem("A question?"), [.. texts.Select(t => new TeacherReply { Text = t })], TestContext.Current.CancellationToken)).Select(v => v.IsRight);
}
