using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace MiniMind.Extensions.AI.Tests;

public sealed class ReasoningHarvesterTests : HarvestFixture
{
    [Fact]
    public async Task Right_replies_become_examples_in_the_order_of_the_problems()
    {
        using var teacher = new ScriptedTeacher(async r =>
        {
            await Task.Delay(10 - Number(r.Question), Cancellation);
            return Number(r.Question) == 3 ? ScriptedTeacher.Reply("5", "3 + 1 = 5") : Right(r.Question);
        });

        var report = await RunAsync(teacher);

        Assert.Equal((10, 9, 9, true), (report.Counts.Asked, report.Counts.Kept, report.Solved, report.IsComplete));
        Assert.Equal(1, Assert.Single(report.Counts.Rejections, r => r.Key == "wrong answer").Value);
        Assert.Equal((50, 100), (report.Counts.InputTokens, report.Counts.OutputTokens));
        Assert.Equal(["p0", "p1", "p2", "p4", "p5", "p6", "p7", "p8", "p9"], Examples().Select(e => e.Problem));
        Assert.Equal("<think>\n0 + 1 = 1\n</think>\n<answer>\n1\n</answer>", Examples()[0].Assistant);
        var conversations = new Training.ConversationReader().Read(report.TrainingFile).ToList();
        Assert.Equal("What is 0 + 1?", conversations[0].Turns[0].Content);
    }

    [Fact]
    public async Task A_second_run_asks_nothing_and_writes_the_same_files()
    {
        using var teacher = new ScriptedTeacher(r => Task.FromResult(Right(r.Question)));
        var paid = (await RunAsync(teacher)).Counts;
        var before = Files();

        var report = await RunAsync(teacher);

        Assert.Equal((10, 0, 10), (teacher.Requests, report.Counts.Asked, report.Counts.Reused));
        Assert.Equal((50, 0, 0), (paid.InputTokens, paid.ReusedInputTokens, paid.ReusedOutputTokens));
        Assert.Equal((0, 50, paid.OutputTokens), (report.Counts.InputTokens, report.Counts.ReusedInputTokens, report.Counts.ReusedOutputTokens));
        Assert.Equal(before, Files());
    }

    [Fact]
    public async Task More_problems_and_another_verifier_ask_only_what_is_missing()
    {
        using var teacher = new ScriptedTeacher(r => Task.FromResult(Right(r.Question)));
        await RunAsync(teacher);

        var report = await RunAsync(teacher, problems: 12, verifier: new Refusing());

        Assert.Equal((12, 2, 0), (teacher.Requests, report.Counts.Asked, report.Counts.Kept));
        Assert.Empty(Examples());
        Assert.Equal(12, (await RunAsync(teacher, problems: 12)).Counts.Kept);
        Assert.Equal(12, teacher.Requests);
    }

    [Fact]
    public async Task A_verdict_is_kept_for_the_verifiers_description()
    {
        using var teacher = new ScriptedTeacher(r => Task.FromResult(Right(r.Question)));
        var (first, second, other) = (new Same(), new Same(), new Same("another"));

        await RunAsync(teacher, verifier: first);
        await RunAsync(teacher, verifier: second);
        await RunAsync(teacher, verifier: other);

        Assert.Equal((10, 0, 10), (first.Calls, second.Calls, other.Calls));
    }

    [Theory]
    [InlineData("prompt")]
    [InlineData("temperature")]
    [InlineData("teacher")]
    [InlineData("examples")]
    public async Task What_changes_the_request_is_asked_anew(string what)
    {
        using var teacher = new ScriptedTeacher(r => Task.FromResult(Right(r.Question)));
        await RunAsync(teacher, problems: 2);

        await RunAsync(teacher, problems: 2, options: what switch
        {
            "prompt" => Options with { SystemPrompt = "Think." },
            "temperature" => Options with { Chat = new ChatOptions { Seed = 0, Temperature = 0.5f } },
            "teacher" => Options with { TeacherId = "another" },
            _ => Options with { FewShot = [new ChatTurn("user", "1?"), new ChatTurn("assistant", "1")] },
        });

        Assert.Equal(4, teacher.Requests);
    }

    [Fact]
    public async Task Replies_that_are_cut_filtered_or_without_reasoning_are_never_examples()
    {
        using var teacher = new ScriptedTeacher(r => Task.FromResult(Number(r.Question) switch
        {
            0 => ScriptedTeacher.Reply("1", "0 + 1", ChatFinishReason.Length),
            1 => ScriptedTeacher.Reply("2", "1 + 1 = 2", ChatFinishReason.ContentFilter),
            2 => ScriptedTeacher.Reply("3"),
            3 => ScriptedTeacher.Reply(" ", "3 + 1 = 4"),
            4 => ScriptedTeacher.Reply("5", "4 + </think> 1 = 5"),
            5 => ScriptedTeacher.Reply("6", "5 + 1 = 6", ChatFinishReason.ToolCalls),
            _ => Right(r.Question),
        }));

        var report = await RunAsync(teacher);

        Assert.Equal(["p6", "p7", "p8", "p9"], Examples().Select(e => e.Problem));
        Assert.Equal(
            ["cut by length", "ended in another way than by itself", "no reasoning", "no text", "stopped by a content filter", "tags within"],
            report.Counts.Rejections.Keys);
        Assert.Equal(5, (await RunAsync(teacher, Options with { KeepRepliesWithoutReasoning = true })).Counts.Kept);
        Assert.Equal(10, teacher.Requests);
    }

    [Fact]
    public async Task Samples_end_when_enough_are_right()
    {
        using var teacher = new ScriptedTeacher(r => Task.FromResult(r.Seed < Number(r.Question) ? ScriptedTeacher.Reply("0", "I guess") : Right(r.Question)));

        var report = await RunAsync(teacher, Options with { Samples = 4, StopAfterRight = 1 }, problems: 6);

        // Problem n is right from its n-th sample on.
        Assert.Equal(1 + 2 + 3 + 4 + 4 + 4, teacher.Requests);
        Assert.Equal([("p0", 0), ("p1", 1), ("p2", 2), ("p3", 3)], Examples().Select(e => (e.Problem, e.Sample)));
        Assert.Equal(14, report.Counts.Rejections["wrong answer"]);
    }

    [Fact]
    public async Task Every_sample_has_a_seed_of_its_own()
    {
        using var teacher = new ScriptedTeacher(r => Task.FromResult(Right(r.Question)));

        await RunAsync(teacher, Options with { Samples = 3 }, problems: 1);

        Assert.Equal(["What is 0 + 1?#0", "What is 0 + 1?#1", "What is 0 + 1?#2"], teacher.Paid.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Prompt_and_examples_come_first_and_earlier_reasoning_is_not_sent()
    {
        IReadOnlyList<ChatMessage> sent = [];
        using var teacher = new ScriptedTeacher(r =>
        {
            sent = r.Messages;
            return Task.FromResult(ScriptedTeacher.Reply("4", "3 + 1 = 4"));
        });
        var problem = new HarvestProblem([
            new("user", "2 + 1?"), new("assistant", "<think>\nsecret\n</think>\n<answer>\n3\n</answer>") { ReasoningContent = "secret" }, new("user", "And one more?")])
        { Answer = "4" };
        var options = Options with { SystemPrompt = "Be brief.", FewShot = [new("user", "1 + 1?"), new("assistant", "2") { ReasoningContent = "1 + 1 = 2" }] };

        await new ReasoningHarvester(teacher, options).RunAsync(new[] { problem }.ToAsyncEnumerable(), new Same(), cancellationToken: Cancellation);

        Assert.Equal(["system", "user", "assistant", "user", "assistant", "user"], sent.Select(m => m.Role.Value));
        Assert.Contains("1 + 1 = 2", sent[2].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", sent[4].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("1 + 1?", File.ReadAllText(Path.Combine(Folder, "train.jsonl")), StringComparison.Ordinal);
        Assert.Contains("2 + 1?", File.ReadAllText(Path.Combine(Folder, "train.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_problem_given_twice_is_asked_once()
    {
        using var teacher = new ScriptedTeacher(r => Task.FromResult(Right(r.Question)));

        var report = await new ReasoningHarvester(teacher, Options).RunAsync(Problems(3).Concat(Problems(3)), new Same(), cancellationToken: Cancellation);

        Assert.Equal((3, 3, 3), (teacher.Requests, report.DuplicateProblems, report.Counts.Kept));
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.BadRequest)]
    public async Task A_permanent_fault_ends_the_run_at_once(HttpStatusCode status)
    {
        using var teacher = new ScriptedTeacher(_ => Task.FromException<ChatResponse>(ScriptedTeacher.Fault(status)));

        var exception = await Assert.ThrowsAsync<TeacherException>(() => RunAsync(teacher, Options with { Concurrency = 2 }, problems: 1000));

        Assert.InRange(teacher.Requests, 1, 2);
        Assert.Equal((int)status, exception.Fault!.Status);
        Assert.Contains($"status {(int)status}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reasoning_that_is_paid_for_and_never_arrives_ends_the_run()
    {
        using var teacher = new ScriptedTeacher(r => Task.FromResult(ScriptedTeacher.Reply("1", reasoningTokens: 50)));

        var exception = await Assert.ThrowsAsync<TeacherException>(() => RunAsync(teacher, Options with { MissingReasoningLimit = 5, Concurrency = 1 }, problems: 100));

        Assert.Equal(5, teacher.Requests);
        Assert.Contains("no reasoning has arrived", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(7L, null, null, 7)]
    [InlineData(null, 100L, null, 6)]
    [InlineData(null, null, 0.1, 6)]
    [InlineData(0L, null, null, 0)]
    public async Task A_budget_ends_the_run_cleanly_and_over_all_runs(long? requests, long? tokens, double? money, int asked)
    {
        using var teacher = new ScriptedTeacher(r => Task.FromResult(Right(r.Question)));
        var options = Options with
        {
            Concurrency = 1,
            Budget = new HarvestBudget { Requests = requests, Tokens = tokens, Money = (decimal?)money },
            Prices = new TokenPrices { InputPerMillion = 1000, OutputPerMillion = 1000 },
        };

        var report = await RunAsync(teacher, options, problems: 50);

        // A reply takes 15 tokens.
        Assert.Equal((asked, asked, false), (teacher.Requests, report.Counts.Kept, report.IsComplete));
        Assert.Equal(asked, Examples().Count);
        Assert.False((await RunAsync(teacher, options, problems: 50)).IsComplete);
        Assert.Equal(asked, teacher.Requests);
    }

    [Fact]
    public async Task Two_runs_do_not_harvest_into_one_folder()
    {
        var started = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        using var teacher = new ScriptedTeacher(async r =>
        {
            started.TrySetResult();
            await release.Task;
            return Right(r.Question);
        });
        var first = RunAsync(teacher, problems: 1);
        await started.Task;

        await Assert.ThrowsAsync<LedgerException>(() => RunAsync(teacher, problems: 1));

        release.SetResult();
        Assert.Equal(1, (await first).Counts.Kept);
    }

    [Fact]
    public async Task The_description_says_what_made_the_data()
    {
        using var teacher = new ScriptedTeacher(r => Task.FromResult(Number(r.Question) == 0 ? ScriptedTeacher.Reply("x", "hm") : Right(r.Question)));
        await RunAsync(teacher, Options with { SystemPrompt = "Think.", Prices = new TokenPrices { OutputPerMillion = 2, Currency = "EUR" } });

        var description = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "dataset.json"))).RootElement;
        var card = File.ReadAllText(Path.Combine(Folder, "README.md"));

        Assert.Equal("script/one", description.GetProperty("teacher").GetString());
        Assert.Equal(("the same text", 9, 1), (description.GetProperty("verifier").GetString(), description.GetProperty("examples").GetInt32(), description.GetProperty("rejections").GetProperty("wrong answer").GetInt32()));
        Assert.Equal(0.0002m, description.GetProperty("cost").GetDecimal());
        Assert.Contains("| wrong answer | 1 |", card, StringComparison.Ordinal);
        Assert.Contains("0.0002 EUR", card, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replies_whose_end_the_client_does_not_explain_are_counted()
    {
        using var teacher = new ScriptedTeacher(r =>
        {
            var reply = Right(r.Question);
            reply.FinishReason = Number(r.Question) < 3 ? null : ChatFinishReason.Stop;
            return Task.FromResult(reply);
        });

        Assert.Equal((10, 3), ((await RunAsync(teacher)).Counts.Kept, (await RunAsync(teacher)).Counts.WithoutFinishReason));
        Assert.Contains("| 3: whether they were cut off is not known |", File.ReadAllText(Path.Combine(Folder, "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_expected_answer_may_stand_for_the_teachers_words()
    {
        using var teacher = new ScriptedTeacher(r => Task.FromResult(ScriptedTeacher.Reply("It is 1, I think.", "0 + 1 = 1")));
        var options = Options with { Answer = ExampleAnswer.ExpectedAnswer };

        await new ReasoningHarvester(teacher, options).RunAsync(
            new[] { new HarvestProblem("0 + 1?", "0 and 1 is <<0+1=1>>1.\n#### 1") }.ToAsyncEnumerable(), new Accepting(), cancellationToken: Cancellation);

        Assert.Equal("<think>\n0 + 1 = 1\n</think>\n<answer>\n1\n</answer>", Assert.Single(Examples()).Assistant);
    }

    [Fact]
    public void Every_wrong_setting_is_named()
    {
        using var teacher = new ScriptedTeacher(_ => throw new InvalidOperationException());

        var exception = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            new ReasoningHarvester(teacher, new HarvestOptions { Samples = 0, Concurrency = 0, Timeout = TimeSpan.FromDays(2), MaxRetryDelay = TimeSpan.FromDays(2), Budget = new() { Money = 1 } }));

        Assert.Equal(6, exception.Failures.Count());
    }

    private Dictionary<string, string> Files() =>
        Directory.EnumerateFiles(Folder).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)).ToDictionary(f => f, File.ReadAllText);

    private sealed class Refusing : IReplyVerifier
    {
        public string Description => "refuses";

        public ValueTask<ReplyVerdict> VerifyAsync(HarvestProblem problem, TeacherReply reply, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new ReplyVerdict(false, "no", "no"));
    }

    private sealed class Accepting : IReplyVerifier
    {
        public string Description => "accepts";

        public ValueTask<ReplyVerdict> VerifyAsync(HarvestProblem problem, TeacherReply reply, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new ReplyVerdict(true, "yes", "yes"));
    }
}
