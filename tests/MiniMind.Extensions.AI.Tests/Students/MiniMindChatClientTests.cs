using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using MiniMind.Tests;

namespace MiniMind.Extensions.AI.Tests;

public sealed class MiniMindChatClientTests : IDisposable
{
    private readonly MiniMindTokenizer _tokenizer = new BpeTrainer(new() { VocabSize = 320, AddedTokens = ["<think>", "</think>", "<answer>", "</answer>"] })
        .Train(["a few words to learn from, and a few more words"]);

    private readonly MiniMindLM _model;

    public MiniMindChatClientTests()
    {
        _model = new MiniMindLM(new LMConfig { Dim = 16, NLayers = 1, NHeads = 2, NKVHeads = 1, VocabSize = _tokenizer.VocabSize, MaxSeqLen = 128 }, seed: 3);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task A_greedy_reply_is_the_generators_own()
    {
        using var client = Client(new MiniMindChatClientOptions { KeepTags = true });
        using var generator = new TextGenerator(_model, _tokenizer);
        var expected = await generator.ReplyAsync([new("system", "Be brief."), new("user", "a few?")], new GenerationOptions { MaxNewTokens = 20 }, cancellationToken: Cancellation);

        var response = await client.GetResponseAsync([new(ChatRole.System, "Be brief."), new(ChatRole.User, "a few?")], new ChatOptions { MaxOutputTokens = 20 }, Cancellation);

        Assert.Equal(expected.Text, response.Text);
        Assert.Equal(expected.IsTruncated ? ChatFinishReason.Length : ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal((expected.Ids.Count, "minimind"), (response.Usage!.OutputTokenCount, response.ModelId));
        Assert.NotNull(response.ResponseId);
    }

    [Fact]
    public async Task Options_of_a_request_are_followed_and_unknown_ones_ignored()
    {
        using var client = Client(new MiniMindChatClientOptions { KeepTags = true });
        using var generator = new TextGenerator(_model, _tokenizer);
        var expected = await generator.ReplyAsync(
            [new("system", "Short."), new("user", "a few?")], new GenerationOptions { MaxNewTokens = 9, Temperature = 0.7f, TopK = 20, TopP = 0.9f, Seed = 7 }, cancellationToken: Cancellation);

        var response = await client.GetResponseAsync("a few?", new ChatOptions
        {
            MaxOutputTokens = 9,
            Temperature = 0.7f,
            TopK = 20,
            TopP = 0.9f,
            Seed = 7,
            Instructions = "Short.",
            Tools = [AIFunctionFactory.Create(() => 1, "one")],
            ResponseFormat = ChatResponseFormat.Json,
            FrequencyPenalty = 1,
            ModelId = "another",
        }, Cancellation);

        Assert.Equal(expected.Text, response.Text);
    }

    [Fact]
    public async Task Requests_of_many_threads_each_get_what_they_get_alone()
    {
        using var client = Client(new MiniMindChatClientOptions { KeepTags = true, Generation = new GenerationOptions { MaxNewTokens = 6 } });
        string[] questions = ["a", "few", "words", "to", "learn", "from", "and", "more"];
        var alone = new Dictionary<string, string>();
        foreach (var question in questions)
            alone[question] = (await client.GetResponseAsync(question, cancellationToken: Cancellation)).Text;

        var together = await Task.WhenAll(questions.SelectMany(q => Enumerable.Repeat(q, 4)).Select(async q =>
            (q, (await Task.Run(() => client.GetResponseAsync(q, cancellationToken: Cancellation), Cancellation)).Text)));

        Assert.All(together, t => Assert.Equal(alone[t.q], t.Text));
    }

    [Fact]
    public async Task A_request_that_is_cancelled_lets_the_next_one_in()
    {
        using var client = Client(new MiniMindChatClientOptions { KeepTags = true, Generation = new GenerationOptions { MaxNewTokens = 100, StopTokens = [] } });
        using var stop = new CancellationTokenSource();
        var first = client.GetStreamingResponseAsync("a few?", cancellationToken: stop.Token).GetAsyncEnumerator(Cancellation);
        await first.MoveNextAsync();
        using var impatient = new CancellationTokenSource();
        var waiting = client.GetResponseAsync("words?", cancellationToken: impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await first.MoveNextAsync())
            {
            }
        });

        Assert.NotNull(await client.GetResponseAsync("words?", new ChatOptions { MaxOutputTokens = 2 }, Cancellation));
    }

    [Fact]
    public async Task Disposing_ends_what_waits_with_an_exception_that_says_so()
    {
        var client = Client(new MiniMindChatClientOptions { Generation = new GenerationOptions { MaxNewTokens = 100, StopTokens = [] } });
        var waiting = Enumerable.Range(0, 8).Select(_ => client.GetResponseAsync("a few?", cancellationToken: Cancellation)).ToList();

        client.Dispose();

        foreach (var request in waiting)
            if (await Record.ExceptionAsync(() => request) is { } exception)
                Assert.IsType<ObjectDisposedException>(exception);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("a", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task What_a_student_cannot_read_is_refused_by_name()
    {
        using var client = Client();

        Assert.Contains("DataContent", (await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync([new(ChatRole.User, [new DataContent("data:image/png;base64,AAAA")])], cancellationToken: Cancellation))).Message, StringComparison.Ordinal);
        Assert.Contains("role tool", (await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync([new(ChatRole.Tool, "x")], cancellationToken: Cancellation))).Message, StringComparison.Ordinal);
        Assert.Contains("max_seq_len", (await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync(new string('x', 500), cancellationToken: Cancellation))).Message, StringComparison.Ordinal);
        Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => Client(new MiniMindChatClientOptions { ModelId = " " }));
    }

    [Theory]
    [InlineData("<think>\n2 + 2 = 4\n</think>\n<answer>\n4\n</answer>", "", "2 + 2 = 4", "4")]
    [InlineData("2 + 2 = 4\n</think>\n\n4", "<think>\n", "2 + 2 = 4", "4")]
    [InlineData("<think>\na\n\nb\n</think>\n<answer>\n4 and\n5\n</answer>", "", "a\n\nb", "4 and\n5")]
    [InlineData("Just 4.", "", "", "Just 4.")]
    [InlineData("So <answer>4</answer>", "", "", "So\n4")]
    [InlineData("<think>cut", "", "cut", "")]
    public void Reasoning_and_answer_come_apart_however_the_reply_is_cut(string text, string opening, string reasoning, string answer)
    {
        foreach (var size in new[] { 1, 3, 1000 })
        {
            var contents = new ReplyContents(opening, keepsTags: false);
            List<AIContent> all = [.. text.Chunk(size).SelectMany(piece => contents.Append(new string(piece))), .. contents.Flush()];

            Assert.Equal(reasoning, string.Concat(all.OfType<TextReasoningContent>().Select(c => c.Text)));
            Assert.Equal(answer, string.Concat(all.OfType<TextContent>().Select(c => c.Text)));
            Assert.Equal(reasoning, contents.Reasoning.ToString());
        }
    }

    [Fact]
    public void Effort_switches_thinking()
    {
        ChatRequest Read(ReasoningOptions? reasoning) => ChatRequest.Read([new(ChatRole.User, "?")], new ChatOptions { Reasoning = reasoning }, new MiniMindChatClientOptions());

        Assert.Equal([null, false, true, true], new[] { null, new ReasoningOptions { Effort = ReasoningEffort.None }, new() { Effort = ReasoningEffort.Low }, new() { Effort = ReasoningEffort.High } }.Select(r => Read(r).Template.Thinking));
        Assert.False(Read(new ReasoningOptions { Output = ReasoningOutput.None }).ReturnsReasoning);
    }

    [Fact]
    public async Task A_container_makes_loads_and_disposes_of_it()
    {
        var folder = Directory.CreateTempSubdirectory("minimind-chat-").FullName;
        try
        {
            _model.SaveModel(folder, new ModelSaveOptions { Tokenizer = _tokenizer });
            IChatClient client;
            await using (var provider = new ServiceCollection().AddMiniMindChatClient(folder, o => o.ModelId = "student").AddMiniMindChatClient(folder, serviceKey: "other").BuildServiceProvider())
            {
                client = provider.GetRequiredService<IChatClient>();
                Assert.Equal("student", client.GetService<ChatClientMetadata>()!.DefaultModelId);
                Assert.NotNull(client.GetService<MiniMindLM>());
                Assert.NotSame(client, provider.GetRequiredKeyedService<IChatClient>("other"));
                Assert.NotNull((await client.GetResponseAsync("a few?", new ChatOptions { MaxOutputTokens = 2 }, Cancellation)).Usage);
            }

            await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("a", cancellationToken: Cancellation));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_student_teaches()
    {
        var folder = Directory.CreateTempSubdirectory("minimind-teach-").FullName;
        try
        {
            using var client = Client(new MiniMindChatClientOptions { Generation = new GenerationOptions { MaxNewTokens = 4 } });

            var report = await new ReasoningHarvester(client, new HarvestOptions { Directory = folder, KeepRepliesWithoutReasoning = true }).RunAsync(
                Enumerable.Range(0, 5).Select(i => new HarvestProblem($"{i}?")).ToAsyncEnumerable(), cancellationToken: Cancellation);

            Assert.Equal(5, report.Counts.Asked);
            Assert.Contains("\"teacher\": \"minimind/minimind\"", File.ReadAllText(Path.Combine(folder, "dataset.json")), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Many_replies_leave_no_tensors_behind()
    {
        using var client = Client(new MiniMindChatClientOptions { Generation = new GenerationOptions { MaxNewTokens = 3 } });
        await client.GetResponseAsync("a", cancellationToken: Cancellation);
        var before = LiveTensors.CountWithoutGarbage();

        for (var i = 0; i < 50; i++)
            await client.GetResponseAsync("a few?", cancellationToken: Cancellation);

        Assert.Equal(before, TorchSharp.torch.Tensor.TotalCount);
    }

    private MiniMindChatClient Client(MiniMindChatClientOptions? options = null) => new(_model, _tokenizer, options);
}
