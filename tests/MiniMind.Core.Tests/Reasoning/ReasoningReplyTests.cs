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
    [InlineData("<think>a</think>\n<answer>b</answer>\n<answer>c</answer>", "a", "bc", false)]
    [InlineData("<think><answer>x</answer></think>\n<answer>b</answer>", "<answer>x</answer>", "b", false)]
    public void A_reply_is_taken_apart(string text, string reasoning, string answer, bool keepsFormat) =>
        Assert.Equal(new ReasoningReply(reasoning, answer, keepsFormat), ReasoningReply.Parse(text));

    [Theory]
    [InlineData("2+3=5", "5")]
    [InlineData("", "5")]
    [InlineData("two\nlines", "a\nb")]
    public void A_composed_reply_keeps_the_format_and_parses_back(string reasoning, string answer) =>
        Assert.Equal(new ReasoningReply(reasoning, answer, true), ReasoningReply.Parse(ReasoningReply.Compose(reasoning, answer)));

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

        Assert.Equal([new(ReasoningPart.Reasoning, "so ")], parser.Append("so </th"));
        Assert.Equal([new(ReasoningPart.Reasoning, "</thus ")], parser.Append("us "));
        Assert.Equal([], parser.Append("</think>"));
        Assert.Equal([new(ReasoningPart.Other, "\n"), new(ReasoningPart.Answer, "5")], parser.Append("\n<answer>5<"));
        Assert.Equal([new(ReasoningPart.Answer, "<")], parser.Flush());
    }

    private static List<ReasoningPiece> Merge(string text, int size, bool startsInReasoning)
    {
        var parser = new ReasoningStreamParser(startsInReasoning);
        var merged = new List<ReasoningPiece>();
        foreach (var piece in text.Chunk(size).SelectMany(c => parser.Append(new string(c))).ToList().Concat(parser.Flush()))
            if (merged.Count > 0 && merged[^1].Part == piece.Part)
                merged[^1] = piece with { Text = merged[^1].Text + piece.Text };
            else
                merged.Add(piece);
        return merged;
    }
}
