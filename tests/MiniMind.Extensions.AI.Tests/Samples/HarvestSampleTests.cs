using System.Globalization;
using MiniMind.Samples.Harvest;

namespace MiniMind.Extensions.AI.Tests;

/// <summary>The command of samples/Harvest, against a server that speaks OpenAI's protocol.</summary>
public sealed class HarvestSampleTests : HarvestFixture
{
    private const string Key = "sk-test-0123456789abcdef";
    private const string Variable = "MINIMIND_TEST_TEACHER_KEY";

    private readonly string _problems;

    public HarvestSampleTests()
    {
        Environment.SetEnvironmentVariable(Variable, Key);
        _problems = Path.Combine(Folder, "problems.jsonl");
        File.WriteAllLines(_problems, Enumerable.Range(0, 50).Select(i => $$"""{"question":"What is {{i}} + 1?","answer":"{{i}} + 1 = <<{{i}}+1={{i + 1}}>>{{i + 1}}\n#### {{i + 1}}"}"""));
    }

    [Fact]
    public async Task It_harvests_and_run_again_asks_for_nothing()
    {
        using var server = new LoopbackServer(Good);

        var (code, output, _) = await CommandAsync(server, "--api-key-env", Variable, "--temperature", "0.5", "--effort", "high", "--answer", "ExpectedAnswer");
        var (again, repeated, _) = await CommandAsync(server, "--api-key-env", Variable, "--temperature", "0.5", "--effort", "high", "--answer", "ExpectedAnswer");

        Assert.Equal((0, 0, 50), (code, again, server.Calls.Count));
        Assert.Contains("problems=50 solved=50 asked=50 reused=0 failed=0 right=50 kept=50 input_tokens=550 output_tokens=450", output, StringComparison.Ordinal);
        Assert.Contains("asked=0 reused=50 failed=0 right=50 kept=50", repeated, StringComparison.Ordinal);
        Assert.Equal("<think>\n0 + 1 = 1\n</think>\n<answer>\n1\n</answer>", File.ReadLines(Path.Combine(Folder, "out", "train.jsonl")).Select(Last).First());
        Assert.All(server.Calls, call => Assert.Equal(
            ($"Bearer {Key}", 0.5, "high"), (call.Authorization, call.Body.GetProperty("temperature").GetDouble(), call.Body.GetProperty("reasoning_effort").GetString())));
    }

    [Fact]
    public async Task A_dry_run_asks_for_the_first_twenty_estimates_the_rest_and_is_reused()
    {
        using var server = new LoopbackServer(Good);
        string[] prices = ["--price-input", "1000", "--price-output", "2000"];

        var (_, estimated, _) = await CommandAsync(server, [.. prices, "--dry-run"]);
        var asked = server.Calls.Count;
        var (_, repeated, _) = await CommandAsync(server, [.. prices, "--dry-run"]);
        var (_, harvested, _) = await CommandAsync(server, prices);

        Assert.Equal(20, asked);
        Assert.Contains("estimate: problems=50 asked=20 replies=30 input_tokens=330 output_tokens=270 cost=0.87", estimated, StringComparison.Ordinal);
        Assert.Contains("estimate: problems=50 asked=0 replies=30 input_tokens=330 output_tokens=270 cost=0.87", repeated, StringComparison.Ordinal);
        Assert.Contains("asked=30 reused=20 failed=0 right=50 kept=50 input_tokens=330 output_tokens=270 cost=0.87", harvested, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_after_a_harvest_leaves_its_data_whole()
    {
        using var server = new LoopbackServer(Good);
        await CommandAsync(server);

        var (_, output, _) = await CommandAsync(server, "--dry-run");

        Assert.Equal(50, File.ReadLines(Path.Combine(Folder, "out", "train.jsonl")).Count());
        Assert.Contains("asked=0 replies=0 ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_knows_how_soon_enough_replies_are_right()
    {
        using var server = new LoopbackServer(call => Number(call.Question) % 2 == 0 ? Good(call) : Good(call) with { Content = "0" });

        var (_, output, _) = await CommandAsync(server, "--dry-run", "--samples", "3", "--enough-right", "1");

        Assert.Equal(10 + (3 * 10), server.Calls.Count);
        Assert.Contains("asked=40 replies=60 ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_budget_ends_it_and_a_larger_one_goes_on()
    {
        using var server = new LoopbackServer(Good);

        var (code, output, _) = await CommandAsync(server, "--budget-requests", "7");
        var (_, whole, _) = await CommandAsync(server);

        Assert.Equal((0, 50), (code, server.Calls.Count));
        Assert.Contains("asked=7 ", output, StringComparison.Ordinal);
        Assert.Contains("complete=false", output, StringComparison.Ordinal);
        Assert.Contains("asked=43 reused=7 ", whole, StringComparison.Ordinal);
        Assert.Contains("complete=true", whole, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_ends_it_with_one_message_without_the_key()
    {
        using var server = new LoopbackServer(_ => new LoopbackServer.Reply { Status = 401, Error = $"Incorrect API key provided: {Key}" });

        var (code, output, error) = await CommandAsync(server, "--api-key-env", Variable, "--concurrency", "1");

        Assert.Equal((1, 1), (code, server.Calls.Count));
        Assert.Contains("status 401", error, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, output + error, StringComparison.Ordinal);
        Assert.All(Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories), file => Assert.DoesNotContain(Key, File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_wrong_is_said_before_anything_is_asked()
    {
        using var server = new LoopbackServer(Good);

        Assert.Contains("MINIMIND_TEST_UNSET", await ErrorAsync("--api-key-env", "MINIMIND_TEST_UNSET"), StringComparison.Ordinal);
        Assert.Contains("HarvestOptions.Concurrency is 0", await ErrorAsync("--concurrency", "0"), StringComparison.Ordinal);
        Assert.Contains("--samples is 1", await ErrorAsync("--verifier", "majority"), StringComparison.Ordinal);
        Assert.Contains("--limit is 0", await ErrorAsync("--limit", "0"), StringComparison.Ordinal);
        Assert.Contains("--limit", await ErrorAsync("--limit", "1", "--limit", "2"), StringComparison.Ordinal);
        Assert.Contains("HarvestOptions.Timeout", await ErrorAsync("--timeout", "2147483647"), StringComparison.Ordinal);
        Assert.Contains("expected one of them", await ErrorAsync("--system", "Think.", "--system-file", _problems), StringComparison.Ordinal);
        Assert.Contains("--judge-model", await ErrorAsync("--verifier", "judge"), StringComparison.Ordinal);
        Assert.Contains("--judge-model", await ErrorAsync("--judge", "http://localhost/v1"), StringComparison.Ordinal);
        Assert.Contains("--teacher is localhost", await ErrorAsync("--teacher", "localhost"), StringComparison.Ordinal);
        File.AppendAllText(_problems, "{}\n");
        Assert.Contains("51", await ErrorAsync(), StringComparison.Ordinal);
        File.WriteAllText(_problems, """{"question":"What is 1 + 1?"}""");
        Assert.Contains("1 of 1 problems have no expected answer", await ErrorAsync(), StringComparison.Ordinal);
        Assert.Empty(server.Calls);

        async Task<string> ErrorAsync(params string[] more)
        {
            var (code, _, error) = await CommandAsync(server, more);
            Assert.Equal(1, code);
            return error;
        }
    }

    [Fact]
    public async Task Without_answers_the_majority_decides()
    {
        File.WriteAllText(_problems, """{"question":"What is 1 + 1?"}""");
        using var server = new LoopbackServer(call => call.Body.GetProperty("seed").GetInt32() == 7 ? Good(call) with { Content = "3" } : Good(call));

        var (_, output, _) = await CommandAsync(server, "--samples", "3", "--seed", "5");

        Assert.Contains("asked=3 reused=0 failed=0 right=2 kept=2", output, StringComparison.Ordinal);
        Assert.Contains("minority's answer", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_teacher_that_reports_no_usage_is_no_base_for_an_estimate()
    {
        using var server = new LoopbackServer(_ => new LoopbackServer.Reply { Status = 400, Error = "content_filter" });

        var (code, _, error) = await CommandAsync(server, "--dry-run");

        Assert.Equal(1, code);
        Assert.Contains("does not say how many tokens", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_estimate_tells_the_time_and_a_budget_that_is_too_small()
    {
        using var server = new LoopbackServer(Good);

        var (_, output, _) = await CommandAsync(server, "--dry-run", "--requests-per-minute", "20", "--budget-tokens", "500");

        Assert.Contains("takes about 0.00:01:30", output, StringComparison.Ordinal);
        Assert.Contains("The budget will end before all is asked for.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_judge_decides_by_its_own_key_and_its_tokens_are_told()
    {
        const string judgesKey = "MINIMIND_TEST_JUDGE_KEY";
        Environment.SetEnvironmentVariable(judgesKey, "judges-key");
        using var server = new LoopbackServer(call => call.Body.GetProperty("model").GetString() == "judge" ? new LoopbackServer.Reply { Content = "VERDICT: SAME" } : Good(call));

        var (_, output, _) = await CommandAsync(
            server, "--limit", "3", "--api-key-env", Variable, "--verifier", "judge", "--judge-model", "judge", "--judge", server.Address.ToString(), "--judge-api-key-env", judgesKey);

        Assert.Contains("right=3 kept=3", output, StringComparison.Ordinal);
        Assert.Contains("The judge has used 66 tokens of requests and 54 of replies", output, StringComparison.Ordinal);
        Assert.All(server.Calls, call => Assert.Equal(call.Body.GetProperty("model").GetString() == "judge" ? "Bearer judges-key" : $"Bearer {Key}", call.Authorization));
    }

    [Fact]
    public async Task A_judge_elsewhere_is_not_sent_the_teachers_key_and_its_fault_is_told()
    {
        using var teacher = new LoopbackServer(Good);
        using var judge = new LoopbackServer(_ => new LoopbackServer.Reply { Status = 401, Error = "no key" });

        var (code, _, error) = await CommandAsync(teacher, "--api-key-env", Variable, "--verifier", "judge", "--judge-model", "judge", "--judge", judge.Address.ToString());

        Assert.Equal(1, code);
        Assert.StartsWith("The judge has failed: ", error, StringComparison.Ordinal);
        Assert.All(judge.Calls, call => Assert.Equal("Bearer none", call.Authorization));
    }

    [Fact]
    public async Task Examples_are_shown_to_the_teacher()
    {
        var examples = Path.Combine(Folder, "examples.jsonl");
        File.WriteAllText(examples, """{"conversations":[{"role":"user","content":"What is 8 + 1?"},{"role":"assistant","content":"9","reasoning_content":"8 + 1 = 9"}]}""");
        using var server = new LoopbackServer(Good);

        await CommandAsync(server, "--limit", "1", "--system", "Think.", "--few-shot", examples);

        Assert.Equal(
            ["Think.", "What is 8 + 1?", "<think>\n8 + 1 = 9\n</think>\n<answer>\n9\n</answer>", "What is 0 + 1?"],
            Assert.Single(server.Calls).Body.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("content")).Select(
                c => c.ValueKind == System.Text.Json.JsonValueKind.String ? c.GetString() : c[0].GetProperty("text").GetString()));
    }

    private async Task<(int Code, string Output, string Error)> CommandAsync(LoopbackServer server, params string[] more)
    {
        var (output, error) = (new StringWriter(CultureInfo.InvariantCulture), new StringWriter(CultureInfo.InvariantCulture));
        var code = await HarvestJob.RunAsync(
            [.. more.Contains("--teacher") ? Array.Empty<string>() : ["--teacher", server.Address.ToString()], "--teacher-model", "wire", "--problems", _problems, "--out", Path.Combine(Folder, "out"), .. more], output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static LoopbackServer.Reply Good(LoopbackServer.Call call)
    {
        var number = Number(call.Question);
        return new LoopbackServer.Reply { Content = $"{number + 1}", Reasoning = $"{number} + 1 = {number + 1}" };
    }

    private static string Last(string line) =>
        System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("conversations").EnumerateArray().Last().GetProperty("content").GetString()!;
}
