using CsCheck;
using Microsoft.Extensions.AI;

namespace MiniMind.Extensions.AI.Tests;

public class ReasoningFromTextTests
{
    [Theory]
    [InlineData("<think>\n2 + 2 = 4\n</think>\n\n4", "2 + 2 = 4", "4")]
    [InlineData("2 + 2 = 4\n</think>\n\n4", "2 + 2 = 4", "4")]
    [InlineData("<think>2 + 2 = 4", "2 + 2 = 4", "")]
    [InlineData("<think>a</think>so<think>b</think>4", "a\nb", "so\n4")]
    [InlineData("<thinking>a</thinking>4", "a", "4")]
    [InlineData("<|begin_of_thought|>a<|end_of_thought|>4", "a", "4")]
    [InlineData("Write `<think>` first:\n```\n<think>x</think>\n```", "", "Write `<think>` first:\n```\n<think>x</think>\n```")]
    [InlineData("Just 4.", "", "Just 4.")]
    [InlineData("<think></think>4", "", "4")]
    [InlineData("1 < 2 and <b>4</b>", "", "1 < 2 and <b>4</b>")]
    [InlineData("a `tick\nb</think>4", "a `tick\nb", "4")]
    [InlineData("<think>a</think><answer>4</answer>", "a", "<answer>4</answer>")]
    public async Task Reasoning_is_told_from_text_whole_or_streamed(string text, string reasoning, string answer)
    {
        using var client = new Writing(text.Chunk(1).Select(c => new string(c))).UseReasoningFromText();

        var whole = TeacherReply.From(await client.GetResponseAsync("?", cancellationToken: Cancellation));
        var streamed = TeacherReply.From(await client.GetStreamingResponseAsync("?", cancellationToken: Cancellation).ToChatResponseAsync(Cancellation));
        var plain = TeacherReply.From(await new Writing([text]).GetResponseAsync("?", cancellationToken: Cancellation));

        Assert.Equal((reasoning, answer), (whole.Reasoning, whole.Text));
        Assert.Equal((reasoning, answer), (streamed.Reasoning, streamed.Text));
        Assert.Equal((reasoning, answer), (plain.Reasoning, plain.Text));
    }

    [Fact]
    public void However_a_text_is_cut_what_is_joined_of_each_part_is_the_same()
    {
        string[] parts = ["<think>", "</think>", "<thin", "king>", "</thinking>", "```", "`", "\n", "a", "b < c ", "<|begin_of_thought|>", "<|end_of", "_thought|>", "<"];
        Gen.Select(Gen.Int[0, parts.Length - 1].List[0, 20], Gen.Int[1, 5].List[1, 40], Gen.Bool).Sample((texts, cuts, missing) =>
        {
            var text = string.Concat(texts.Select(i => parts[i]));
            var whole = Read([text], missing);
            var pieces = new List<string>();
            for (int at = 0, i = 0; at < text.Length; i++)
            {
                var length = Math.Min(cuts[i % cuts.Count], text.Length - at);
                pieces.Add(text.Substring(at, length));
                at += length;
            }

            return Read(pieces, missing) == whole;
        });
    }

    [Fact]
    public async Task A_reply_that_begins_with_its_tag_is_given_out_as_it_comes()
    {
        using var client = new Writing(["<think>a", "b", "</think>", "c"]).UseReasoningFromText();
        var updates = await client.GetStreamingResponseAsync("?", cancellationToken: Cancellation).ToListAsync(Cancellation);

        Assert.Equal(["a", "b", "c"], updates.SelectMany(u => u.Contents).Select(c => (c as TextReasoningContent)?.Text ?? ((TextContent)c).Text));
    }

    [Fact]
    public async Task Without_missing_tags_a_plain_reply_is_streamed_at_once_and_a_lone_closing_tag_is_text()
    {
        using var client = new Writing(["a", "b</think>c"]).UseReasoningFromText(openingTagMayBeMissing: false);
        var updates = await client.GetStreamingResponseAsync("?", cancellationToken: Cancellation).ToListAsync(Cancellation);

        Assert.Equal("a", updates[0].Text);
        Assert.Equal("ab</think>c", string.Concat(updates.Select(u => u.Text)));
    }

    [Fact]
    public void Tags_are_text_where_the_client_tells_reasoning_itself()
    {
        var reply = TeacherReply.From(new ChatResponse(new ChatMessage(ChatRole.Assistant, [new TextContent("say <think> first</think>"), new TextReasoningContent("hm")])));

        Assert.Equal(("say <think> first</think>", "hm"), (reply.Text, reply.Reasoning));
    }

    [Fact]
    public void Long_replies_take_time_in_proportion_to_their_length()
    {
        foreach (var text in new[] { string.Concat(Enumerable.Repeat("<think>", 200_000)), new string('<', 1_000_000), new string('`', 1_000_000), string.Concat(Enumerable.Repeat("`<think>`\n", 100_000)) })
            Assert.Equal(text.Length > 0, Read([text], true).Length > 0);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Read(IEnumerable<string> pieces, bool openingTagMayBeMissing)
    {
        var parser = new ReasoningTextParser(openingTagMayBeMissing);
        var all = pieces.SelectMany(parser.Append).ToList();
        all.AddRange(parser.Flush());
        // Pieces of one part that follow each other are one.
        var joined = new List<(bool IsReasoning, string Text)>();
        foreach (var piece in all)
            if (joined.Count > 0 && joined[^1].IsReasoning == piece.IsReasoning)
                joined[^1] = (piece.IsReasoning, joined[^1].Text + piece.Text);
            else
                joined.Add(piece);
        return string.Join('|', joined.Select(p => $"{p.IsReasoning}:{p.Text}"));
    }

    /// <summary>Writes a text in these pieces.</summary>
    private sealed class Writing(IEnumerable<string> pieces) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, string.Concat(pieces))));

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            pieces.Select(p => new ChatResponseUpdate(ChatRole.Assistant, p)).ToAsyncEnumerable();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
