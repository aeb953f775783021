using System.Text;

namespace MiniMind.Training.Tests;

/// <summary>Replies that say nothing, turns of one role in a row, and what nobody reads.</summary>
public class RowPolicyTests
{
    [Theory]
    [InlineData("""{"conversations":[{"role":"user","content":"q"},{"role":"assistant","content":""}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":" \n\u3000"}]}""")]
    [InlineData("""{"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"<think>\n\n</think>\n"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"text","text":""}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"","reasoning_content":" "}]}""")]
    public void A_reply_that_says_nothing_is_taught_only_if_that_is_asked_for(string row)
    {
        Assert.Contains(
            "turn 2 is an assistant's and says nothing; expected a reply (EmptyReplies.Teach learns it all the same)",
            Assert.Throws<DatasetException>(() => new ConversationReader().Parse(row)).Message,
            StringComparison.Ordinal);
        Assert.Equal(2, new ConversationReader(new() { EmptyReplies = EmptyReplyPolicy.Teach }).Parse(row).Turns.Count);
    }

    [Fact]
    public void Reasoning_alone_says_something()
    {
        var turns = new ConversationReader().Parse("""{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"","reasoning_content":"hm"}]}""").Turns;

        Assert.Equal("hm", turns[1].ReasoningContent);
    }

    [Theory]
    [InlineData("""{"question":"q","answer":" "}""")]
    [InlineData("""{"question":"q","answer":""}""")]
    [InlineData("""{"instruction":"q","input":"","output":""}""")]
    public void An_empty_answer_column_is_no_answer(string row)
    {
        Assert.Throws<DatasetException>(() => new ConversationReader().Parse(row));
        Assert.Equal("", new ConversationReader(new() { EmptyReplies = EmptyReplyPolicy.Teach }).Parse(row).Turns[^1].Content.Trim());
    }

    [Fact]
    public void Turns_of_one_role_in_a_row_are_refused_or_made_one()
    {
        const string row = """{"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"},{"role":"assistant","content":"c"},{"role":"assistant","content":"d"}]}""";

        Assert.Contains(
            "turn 2 is a second user turn in a row; expected the assistant's (roles must alternate; ConsecutiveTurns.Merge makes one of both)",
            Assert.Throws<DatasetException>(() => new ConversationReader().Parse(row)).Message,
            StringComparison.Ordinal);
        Assert.Equal(
            [new ChatTurn("user", "a\n\nb"), new ChatTurn("assistant", "c\n\nd")],
            new ConversationReader(new() { ConsecutiveTurns = ConsecutiveTurnsPolicy.Merge }).Parse(row).Turns);
    }

    [Fact]
    public void Reasoning_of_a_later_turn_cannot_be_merged()
    {
        const string row = """{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"c"},{"role":"assistant","content":"d","thinking":"hm"}]}""";

        Assert.Contains(
            "turn 3 has reasoning of its own and follows another assistant turn",
            Assert.Throws<DatasetException>(() => new ConversationReader(new() { ConsecutiveTurns = ConsecutiveTurnsPolicy.Merge }).Parse(row)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_dataset_reads_by_the_same_policies()
    {
        using var empty = new TemporaryFile(TestChat.Line("q", " "));
        using var twice = new TemporaryFile("""{"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"},{"role":"assistant","content":"c"}]}""");

        Assert.Contains("says nothing", Assert.Throws<DatasetException>(() => TestChat.Open(empty.Name)).Message, StringComparison.Ordinal);
        Assert.Contains("in a row", Assert.Throws<DatasetException>(() => TestChat.Open(twice.Name)).Message, StringComparison.Ordinal);
        using var taught = TestChat.Open(empty.Name, new SftDatasetOptions { EmptyReplies = EmptyReplyPolicy.Teach });
        using var merged = TestChat.Open(twice.Name, new SftDatasetOptions { ConsecutiveTurns = ConsecutiveTurnsPolicy.Merge });
        Assert.Equal([1, 11, 201, 'a' + 1000, '\n' + 1000, '\n' + 1000, 'b' + 1000, 2, 201, 1, 12, 201, 'c' + 1000, 2, 201], merged[0].InputIds);
        Assert.Single(taught);
    }

    [Fact]
    public void A_faulty_value_under_a_key_that_nobody_reads_does_no_harm()
    {
        byte[] row = [.. "{\"note\":\""u8, 0xFF, 0xC3, .. "\",\"half\":\"\\ud83d\",\"\\ud83d\":1,\"n\":1e999,"u8, .. Encoding.UTF8.GetBytes(TestChat.Line("q", "a")[1..])];
        using var file = new TemporaryFile(row);

        Assert.Equal("q", Assert.Single(new ConversationReader().Read(file.Name)).Turns[0].Content);
        using var dataset = TestChat.Open(file.Name);
        Assert.Single(dataset);
    }
}
