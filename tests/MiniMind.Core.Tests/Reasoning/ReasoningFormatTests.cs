namespace MiniMind.Tests;

public sealed class ReasoningFormatTests
{
    [Theory]
    [InlineData("<think>a</think>\n<answer>b</answer>", true, true)]
    [InlineData("<think>a</think>\n\n<answer>b</answer>\n", true, true)]
    [InlineData("<think>\n\n</think>\n\n<answer>b</answer>", true, true)]
    [InlineData("<think>a</think><answer>b</answer>", false, true)]
    [InlineData("<think>a</think>\n\n\n<answer>b</answer>", false, true)]
    [InlineData("<think>a</think> \t\n<answer>b</answer>", false, true)]
    [InlineData("\n<think>a</think>\n<answer>b</answer>", false, true)]
    [InlineData("so <think>a</think>\n<answer>b</answer>", false, false)]
    [InlineData("<think>a</think>\nso <answer>b</answer>", false, false)]
    [InlineData("<think>a</think>\n<answer>b</answer> so", false, false)]
    [InlineData("<think>a</think>\n<answer>b", false, false)]
    [InlineData("<think>a</think>\n</answer>b<answer>", false, false)]
    [InlineData("</think>a<think>\n<answer>b</answer>", false, false)]
    [InlineData("<think>a</think>\n<think>a</think>\n<answer>b</answer>", false, false)]
    [InlineData("<think>a</think>\n\nb", false, false)]
    [InlineData("<answer>b</answer>", false, false)]
    [InlineData("", false, false)]
    public void Think_and_answer_blocks_stand_one_after_the_other(string text, bool exact, bool anyWhiteSpace)
    {
        Assert.Equal(exact, ReasoningFormat.ThinkThenAnswer.IsMatch(text));
        Assert.Equal(anyWhiteSpace, (ReasoningFormat.ThinkThenAnswer with { AllowAnyWhiteSpace = true }).IsMatch(text));
    }

    [Theory]
    [InlineData("<think>\na\n</think>\n\nb", true, true)]
    [InlineData("<think>\n\n</think>\n\nb\n\nc", true, true)]
    [InlineData("<think>a</think>\nb", true, true)]
    [InlineData("<think>a</think>\n<answer>b</answer>", true, true)]
    [InlineData("<think>a</think>b", false, true)]
    [InlineData("<think>a</think>\n\n b", false, true)]
    [InlineData("<think>a</think>\n\n", false, false)]
    [InlineData("<think>a", false, false)]
    [InlineData("a</think>\n\nb", false, false)]
    [InlineData("<think>a</think>\n\nb</think>", false, false)]
    [InlineData("b", false, false)]
    public void Any_text_may_follow_the_think_block_where_there_are_no_answer_tags(string text, bool exact, bool anyWhiteSpace)
    {
        Assert.Equal(exact, ReasoningFormat.ThinkThenText.IsMatch(text));
        Assert.Equal(anyWhiteSpace, (ReasoningFormat.ThinkThenText with { AllowAnyWhiteSpace = true }).IsMatch(text));
    }

    [Fact]
    public void Each_template_has_its_own() => Assert.Equal(
        [ReasoningFormat.ThinkThenAnswer, ReasoningFormat.ThinkThenAnswer, ReasoningFormat.ThinkThenText],
        [ChatTemplate.MiniMind2025.ReplyFormat, ChatTemplate.MiniMind2.ReplyFormat, ChatTemplate.MiniMind3.ReplyFormat]);

    [Fact]
    public void What_the_templates_write_keeps_their_formats()
    {
        var turn = ChatTemplate.MiniMind3.RenderText([new("assistant", "5") { ReasoningContent = "2+3" }]);

        Assert.True(ChatTemplate.MiniMind3.ReplyFormat.IsMatch(turn["<|im_start|>assistant\n".Length..^"<|im_end|>\n".Length]));
        Assert.True(ChatTemplate.MiniMind2.ReplyFormat.IsMatch(ReasoningReply.Compose("2+3", "5")));
        var silent = ChatTemplate.MiniMind2.ReplyOpening(new ChatTemplateOptions { Thinking = false });
        Assert.True(ChatTemplate.MiniMind2.ReplyFormat.IsMatch(silent + "<answer>\n5\n</answer>"));
    }
}
