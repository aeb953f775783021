using System.Diagnostics;
using CsCheck;

namespace MiniMind.Tests;

public sealed class ReasoningReplyTests
{
    [Theory]
    [InlineData("<think>\n2+3=5\n</think>\n<answer>\n5\n</answer>", "2+3=5", "5", true)]
    [InlineData("<think>a</think>\n<answer>b</answer>\n", "a", "b", true)]
    [InlineData("<think>a</think><answer>b</answer>", "a", "b", false)]
    [InlineData("<think>a</think>\n\nb", "a", "b", false)]
    [InlineData("<think>a", "a", "", false)]
    [InlineData("5", "", "5", false)]
    [InlineData("<think>a</think>\n<answer>b</answer>\n<answer>c</answer>", "a", "c", false)]
    [InlineData("<answer>1</answer><answer>8</answer>", "", "8", false)]
    [InlineData("<answer>1</answer> or <answer>8", "", "1", false)]
    [InlineData("<answer>1", "", "1", false)]
    [InlineData("5<think>a</think>8", "a", "5\n8", false)]
    [InlineData("<think>a</think><think>b</think>5", "a\nb", "5", false)]
    [InlineData("5 <ans", "", "5 <ans", false)]
    [InlineData("<think><answer>x</answer></think>\n<answer>b</answer>", "<answer>x</answer>", "b", false)]
    public void A_reply_is_taken_apart(string text, string reasoning, string answer, bool keepsFormat) =>
        Assert.Equal(Reply(reasoning, answer, keepsFormat), ReasoningReply.Parse(text));

    [Theory]
    [InlineData("2+3=5", "5")]
    [InlineData("", "5")]
    [InlineData("two\nlines", "a\nb")]
    public void A_composed_reply_keeps_the_format_and_parses_back(string reasoning, string answer) =>
        Assert.Equal(Reply(reasoning, answer, true), ReasoningReply.Parse(ReasoningReply.Compose(reasoning, answer)));

    [Fact]
    public void A_reply_whose_think_block_the_prompt_opened_is_read_with_what_the_prompt_wrote()
    {
        var opening = ChatTemplate.MiniMind3.ReplyOpening(new ChatTemplateOptions { Thinking = true });

        Assert.Equal(Reply("2+3=5", "5", true), ReasoningReply.Parse(opening + "2+3=5\n</think>\n\n5", ChatTemplate.MiniMind3.ReplyFormat));
        Assert.Equal(Reply("", "2+3=5\n</think>\n\n5", false), ReasoningReply.Parse("2+3=5\n</think>\n\n5", ChatTemplate.MiniMind3.ReplyFormat));
    }

    [Fact]
    public void Blocks_without_number_take_time_in_proportion_to_their_number()
    {
        foreach (var block in (string[])["<think>", "</think>", "<answer>", "</answer>", "<think></think>", "<think></think>\n<answer>", "<answer>1</answer>", "<"])
        {
            var text = string.Concat(Enumerable.Repeat(block, 200_000));
            var watch = Stopwatch.StartNew();
            ReasoningReply.Parse(text);
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"{block}: {watch.Elapsed}");
        }
    }

    [Fact]
    public void The_parts_are_those_that_arrive_in_a_stream() =>
        Gen.OneOf<string>("<think>", "</think>", "<answer>", "</answer>", "a", "b", "<").Array[0, 14].Select(string.Concat).Sample(text =>
        {
            var pieces = Merge(text, text.Length + 1, startsInReasoning: false);
            var reply = ReasoningReply.Parse(text);
            string Of(ReasoningPart part) => string.Concat(pieces.Where(p => p.Part == part).Select(p => p.Text));

            Assert.Equal(Of(ReasoningPart.Reasoning), reply.Reasoning.Replace("\n", string.Empty, StringComparison.Ordinal));
            if (!text.Contains("<answer>", StringComparison.Ordinal))
                Assert.Equal(Of(ReasoningPart.Other), reply.Answer.Replace("\n", string.Empty, StringComparison.Ordinal));
        });

    [Fact]
    public void Any_cut_of_any_text_gives_the_same_parts() =>
        Gen.Select(
            Gen.OneOf<string>("<think>", "</think>", "<answer>", "</answer>", "<", "</thi", "nk>", "a", "\n", "😀").Array[0, 14].Select(string.Concat),
            Gen.Int[1, 9],
            Gen.Bool).Sample((text, size, startsInReasoning) =>
            {
                var expected = Merge(text, text.Length + 1, startsInReasoning);
                Assert.Equal(expected, Merge(text, size, startsInReasoning));
            });

    [Fact]
    public void A_reply_arrives_as_soon_as_it_is_clear()
    {
        var parser = new ReasoningStreamParser(startsInReasoning: true);

        Assert.Equal([(ReasoningPart.Reasoning, "so ")], Pairs(parser.Append("so </th")));
        Assert.Equal([(ReasoningPart.Reasoning, "</thus ")], Pairs(parser.Append("us ")));
        Assert.Equal([], parser.Append("</think>"));
        Assert.Equal([(ReasoningPart.Other, "\n"), (ReasoningPart.Answer, "5")], Pairs(parser.Append("\n<answer>5<")));
        Assert.Equal([(ReasoningPart.Answer, "<")], Pairs(parser.Flush()));
    }

    private static ReasoningReply Reply(string reasoning, string answer, bool followsFormat) =>
        new() { Reasoning = reasoning, Answer = answer, FollowsFormat = followsFormat };

    private static IEnumerable<(ReasoningPart Part, string Text)> Pairs(IEnumerable<ReasoningPiece> pieces) => pieces.Select(p => (p.Part, p.Text));

    private static List<(ReasoningPart Part, string Text)> Merge(string text, int size, bool startsInReasoning)
    {
        var parser = new ReasoningStreamParser(startsInReasoning);
        var merged = new List<(ReasoningPart Part, string Text)>();
        foreach (var piece in text.Chunk(size).SelectMany(c => parser.Append(new string(c))).ToList().Concat(parser.Flush()))
            if (merged.Count > 0 && merged[^1].Part == piece.Part)
                merged[^1] = (piece.Part, merged[^1].Text + piece.Text);
            else
                merged.Add((piece.Part, piece.Text));
        return merged;
    }
}
