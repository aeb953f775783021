using CsCheck;

namespace MiniMind.Tests;

public sealed class ReasoningFoldTests
{
    private const string Composed = "<think>\ntwo and two is four\n</think>\n<answer>\n4\n</answer>";

    public static TheoryData<string, string> Replies => new()
    {
        { "4", Composed },
        { "\n4\n", Composed },
        { "<answer>4</answer>", "<think>\ntwo and two is four\n</think>\n<answer>4</answer>" },
        { "So: <answer>4</answer>", "<think>\ntwo and two is four\n</think>\nSo: <answer>4</answer>" },
        { "<answer>1</answer><answer>8</answer>", "<think>\ntwo and two is four\n</think>\n<answer>1</answer><answer>8</answer>" },
        { "<think>\n\n</think>\n\n4", Composed },
        { "<think>two and two is four</think>4", Composed },
        { Composed, Composed },
    };

    private static ChatTemplateOptions Reference => new() { ReasoningContent = ReasoningContentPolicy.Reference };

    [Fact]
    public void Reasoning_kept_apart_is_written_by_every_template()
    {
        ChatTurn[] turns = [new("user", "2+2?"), Reply("4")];

        foreach (var template in (ChatTemplate[])[ChatTemplate.MiniMind2025, ChatTemplate.MiniMind2, new Own()])
            Assert.Contains(Composed + template.EndOfTurn, template.RenderText(turns), StringComparison.Ordinal);
        Assert.EndsWith(
            "<|im_start|>assistant\n<think>\ntwo and two is four\n</think>\n\n4<|im_end|>\n", ChatTemplate.MiniMind3.RenderText(turns), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Replies))]
    public void Tags_that_a_reply_has_already_are_not_doubled(string content, string expected) =>
        Assert.Equal($"<s>user\n2+2?</s>\n<s>assistant\n{expected}</s>\n", ChatTemplate.MiniMind2025.RenderText([new("system", string.Empty), new("user", "2+2?"), Reply(content)])["<s>system\n</s>\n".Length..]);

    [Theory]
    [InlineData("4")]
    [InlineData("<think>\n\n</think>\n\n4")]
    [InlineData("<think>two and two is four</think>4")]
    public void Minimind3_writes_one_think_block(string content) => Assert.Equal(
        "<|im_start|>assistant\n<think>\ntwo and two is four\n</think>\n\n4<|im_end|>\n", ChatTemplate.MiniMind3.RenderText([Reply(content)]));

    [Theory]
    [InlineData("x<think>y</think>z", "<think>\nxy\n</think>\n\nz")]
    [InlineData("<think>a</think>b<think>c</think>d", "<think>\na\n</think>\n\nb<think>c</think>d")]
    [InlineData("no open</think>\n\nrest", "<think>\nno open\n</think>\n\nrest")]
    [InlineData("\n<think>\ncut o", "<think>\ncut o\n</think>\n\n")]
    [InlineData("I write <think> tags", "<think>\n\n</think>\n\nI write <think> tags")]
    public void Minimind3_loses_nothing_of_a_reply_with_text_around_its_think_block(string content, string expected) =>
        Assert.Equal($"<|im_start|>assistant\n{expected}<|im_end|>\n", ChatTemplate.MiniMind3.RenderText([new("assistant", content)]));

    [Fact]
    public void The_references_templates_are_an_option()
    {
        ChatTurn[] turns = [new("user", "2+2?"), Reply("4")];
        ChatTurn[] without = [turns[0], new("assistant", "4")];

        Assert.Equal(ChatTemplate.MiniMind2025.RenderText(without), ChatTemplate.MiniMind2025.RenderText(turns, Reference));
        Assert.Equal(ChatTemplate.MiniMind2.RenderText(without), ChatTemplate.MiniMind2.RenderText(turns, Reference));
        Assert.Equal(
            "<|im_start|>assistant\n<think>\ntwo and two is four\n</think>\n\n<think>\n\n</think>\n\n4<|im_end|>\n",
            ChatTemplate.MiniMind3.RenderText([Reply("<think>\n\n</think>\n\n4")], Reference));
    }

    [Fact]
    public void An_unknown_policy_is_refused() => Assert.Throws<ArgumentException>(
        () => ChatTemplate.MiniMind2.RenderText([Reply("4")], new ChatTemplateOptions { ReasoningContent = (ReasoningContentPolicy)2 }));

    [Theory]
    [InlineData("<think>\nr\n</think>")]
    [InlineData("r\n</think>\n")]
    public void Tags_around_the_reasoning_are_not_doubled_either(string reasoning)
    {
        ChatTurn turn = new("assistant", "4") { ReasoningContent = reasoning };

        Assert.Equal("<|im_start|>assistant\n<think>\nr\n</think>\n\n4<|im_end|>\n", ChatTemplate.MiniMind3.RenderText([turn]));
        Assert.Contains("\n<think>\nr\n</think>\n<answer>\n4\n</answer><|im_end|>", ChatTemplate.MiniMind2.RenderText([turn]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData("<think>\n\n</think>")]
    public void Blank_reasoning_is_none(string? reasoning) => Assert.Equal(
        ChatTemplate.MiniMind2.RenderText([new("assistant", "4")]),
        ChatTemplate.MiniMind2.RenderText([new("assistant", "4") { ReasoningContent = reasoning }]));

    [Theory]
    [InlineData("assistant", "r", "<think>other</think>4", "other reasoning between think tags")]
    [InlineData("assistant", "r", "<think>r</think>4<think>s</think>", "other reasoning between think tags")]
    [InlineData("assistant", "r", "<think>cut o", "other reasoning between think tags")]
    [InlineData("assistant", "r</think>s", "4", "holds </think>")]
    [InlineData("user", "r", "4", "turn 1 is the user's and has a reasoning_content")]
    [InlineData("system", "r", "4", "turn 1 is the system's and has a reasoning_content")]
    public void What_cannot_be_written_without_loss_is_refused(string role, string reasoning, string content, string expected)
    {
        ChatTurn[] turns = [new(role, content) { ReasoningContent = reasoning }];

        foreach (var template in (ChatTemplate[])[ChatTemplate.MiniMind2025, ChatTemplate.MiniMind2, ChatTemplate.MiniMind3])
            Assert.Contains(expected, Assert.Throws<ChatTemplateException>(() => template.RenderText(turns)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_is_written_keeps_the_format_and_gives_reasoning_and_answer_back() =>
        Gen.Select(Gen.String[" ab\n1.</thinkswer>"], Gen.String[" ab\n1.<thinkswer>"]).Sample((reasoning, answer) =>
        {
            if (string.IsNullOrWhiteSpace(reasoning) || Tags(reasoning) || Tags(answer))
                return;
            var text = ChatTemplate.MiniMind2.RenderText([new("assistant", answer) { ReasoningContent = reasoning }]);
            var start = text.IndexOf("<think>", StringComparison.Ordinal);
            var reply = ReasoningReply.Parse(text[start..text.LastIndexOf("<|im_end|>", StringComparison.Ordinal)]);

            Assert.Equal((reasoning.Trim(), answer.Trim(), true), (reply.Reasoning, reply.Answer, reply.FollowsFormat));
        });

    private static bool Tags(string text) => text.Contains("think>", StringComparison.Ordinal) || text.Contains("answer>", StringComparison.Ordinal);

    private static ChatTurn Reply(string content) => new("assistant", content) { ReasoningContent = "two and two is four" };

    private sealed class Own : ChatTemplate
    {
        public override string Name => "own";

        public override string AssistantPrefix => "[A]";

        public override string EndOfTurn => "[E]";

        public override IReadOnlyList<string> SpecialTokens => ["[U]", "[A]", "[E]"];

        protected override void Append(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions options, ICollection<ChatSegment> segments)
        {
            foreach (var turn in turns)
            {
                segments.Add(new ChatSegment(turn.Role == "assistant" ? "[A]" : "[U]", false));
                segments.Add(new ChatSegment(turn.Content, true, turn.Role == "assistant"));
                segments.Add(new ChatSegment("[E]", false));
            }
        }
    }
}
