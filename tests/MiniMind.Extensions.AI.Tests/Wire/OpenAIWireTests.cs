using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;

namespace MiniMind.Extensions.AI.Tests;

/// <summary>The official client against a server that speaks its protocol.</summary>
public sealed class OpenAIWireTests : HarvestFixture
{
    private const string Key = "sk-test-0123456789abcdef";

    [Theory]
    [InlineData("reasoning_content", false)]
    [InlineData("reasoning_content", true)]
    [InlineData("reasoning", false)]
    [InlineData("reasoning", true)]
    [InlineData(null, false)]
    [InlineData(null, true)]
    public async Task Reasoning_arrives_in_every_spelling(string? field, bool streams)
    {
        using var server = new LoopbackServer(_ => new LoopbackServer.Reply { Field = field });

        var report = await HarvestAsync(server, Options with { UseStreaming = streams }, problems: 1);

        Assert.Equal("<think>\n2 + 2 = 4\n</think>\n<answer>\n4\n</answer>", Assert.Single(Examples()).Assistant);
        Assert.Equal((11, 9, 7), (report.Counts.InputTokens, report.Counts.OutputTokens, report.Counts.ReasoningTokens));
        Assert.Equal($"Bearer {Key}", Assert.Single(server.Calls).Authorization);
    }

    [Theory]
    [InlineData("reasoning")]
    [InlineData("reasoning_content")]
    public async Task The_delegating_client_gives_reasoning_once_in_anybodys_pipeline(string field)
    {
        using var server = new LoopbackServer(_ => new LoopbackServer.Reply { Field = field });
        using var client = new ChatClientBuilder(Client(server)).Use(inner => inner.UseReasoningFromRaw()).Use(inner => inner.UseReasoningFromText()).Build();

        var whole = await client.GetResponseAsync("2 + 2?", cancellationToken: Cancellation);
        var streamed = await client.GetStreamingResponseAsync("2 + 2?", cancellationToken: Cancellation).ToChatResponseAsync(Cancellation);

        foreach (var response in new[] { whole, streamed })
        {
            Assert.Equal("2 + 2 = 4", string.Concat(response.Messages.SelectMany(m => m.Contents).OfType<TextReasoningContent>().Select(r => r.Text)));
            Assert.Equal("4", response.Text);
        }
    }

    [Fact]
    public async Task Effort_and_options_reach_the_wire()
    {
        using var server = new LoopbackServer(_ => new LoopbackServer.Reply());
        var chat = new ChatOptions { Seed = 5, Temperature = 0.5f, MaxOutputTokens = 100, Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High } };

        await HarvestAsync(server, Options with { Chat = chat, SystemPrompt = "Think." }, problems: 1);

        var body = Assert.Single(server.Calls).Body;
        Assert.Equal((5, 0.5, "high"), (body.GetProperty("seed").GetInt32(), body.GetProperty("temperature").GetDouble(), body.GetProperty("reasoning_effort").GetString()));
        Assert.Equal(2, body.GetProperty("messages").GetArrayLength());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Faults_that_pass_are_asked_again_and_cut_replies_too(bool streams)
    {
        using var server = new LoopbackServer(call => call.Number switch
        {
            0 => new LoopbackServer.Reply { Status = 429, RetryAfter = "0.05" },
            1 => new LoopbackServer.Reply { Status = 500 },
            2 => new LoopbackServer.Reply { IsCut = true },
            _ => new LoopbackServer.Reply(),
        });

        var report = await HarvestAsync(server, Options with { UseStreaming = streams, RetryDelay = TimeSpan.FromMilliseconds(5) }, problems: 1);

        Assert.Equal((1, 4), (report.Counts.Kept, server.Calls.Count));
    }

    [Fact]
    public async Task A_finish_by_length_or_filter_is_no_example()
    {
        using var server = new LoopbackServer(call => new LoopbackServer.Reply { FinishReason = call.Question.Contains('0', StringComparison.Ordinal) ? "length" : "content_filter" });

        var report = await HarvestAsync(server, Options, problems: 2);

        Assert.Equal(["cut by length", "stopped by a content filter"], report.Counts.Rejections.Keys);
    }

    [Fact]
    public async Task A_wrong_key_ends_the_run_with_one_message_and_the_key_is_nowhere()
    {
        using var server = new LoopbackServer(_ => new LoopbackServer.Reply { Status = 401, Error = $"Incorrect API key provided: {Key}" });

        var exception = await Assert.ThrowsAsync<TeacherException>(() => HarvestAsync(server, Options with { Concurrency = 2 }, problems: 50));

        Assert.InRange(server.Calls.Count, 1, 2);
        Assert.Contains("status 401", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, exception.ToString().Replace(exception.InnerException?.ToString() ?? "\0", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.All(Directory.EnumerateFiles(Folder), file => Assert.DoesNotContain(Key, File.ReadAllText(file), StringComparison.Ordinal));
    }

    /// <summary>The client repeats a request three times by itself, which docs/harvest.md tells to turn off.</summary>
    [Fact]
    public async Task What_the_client_repeats_by_itself_multiplies_unless_it_is_turned_off()
    {
        using var server = new LoopbackServer(_ => new LoopbackServer.Reply { Status = 429, RetryAfter = "0.01" });
        var options = Options with { MaxRetries = 1, RetryDelay = TimeSpan.FromMilliseconds(5) };

        await HarvestAsync(server, options, problems: 1);
        var turnedOff = server.Calls.Count;
        await new ReasoningHarvester(Client(server, retries: null), options).RunAsync(Problems(1), new AnswerVerifier(), cancellationToken: Cancellation);

        Assert.Equal(2, turnedOff);
        Assert.Equal(2 * 4, server.Calls.Count - turnedOff);
    }

    [Fact]
    public async Task A_harvest_goes_on_when_its_server_is_back()
    {
        using (var server = new LoopbackServer(call => call.Number < 3 ? new LoopbackServer.Reply() : new LoopbackServer.Reply { Status = 503 }))
            await Assert.ThrowsAsync<TeacherException>(() => HarvestAsync(server, Options with { Concurrency = 1, MaxRetries = 0, MaxConsecutiveFailures = 2 }, problems: 10));
        using var back = new LoopbackServer(_ => new LoopbackServer.Reply());

        var report = await HarvestAsync(back, Options, problems: 10);

        Assert.Equal((3, 7, 7), (report.Counts.Reused, report.Counts.Asked, back.Calls.Count));
    }

    private static Task<HarvestReport> HarvestAsync(LoopbackServer server, HarvestOptions options, int problems) =>
        new ReasoningHarvester(Client(server), options).RunAsync(Problems(problems), cancellationToken: Cancellation);

    private static IChatClient Client(LoopbackServer server, int? retries = 0)
    {
        var options = new OpenAIClientOptions { Endpoint = server.Address };
        if (retries is { } count)
            options.RetryPolicy = new ClientRetryPolicy(count);
        return new OpenAI.Chat.ChatClient("wire", new ApiKeyCredential(Key), options).AsIChatClient();
    }
}
