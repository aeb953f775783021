using Microsoft.Extensions.AI;

namespace MiniMind.Extensions.AI.Tests;

public class ContractTests
{
    [Fact]
    public void Reasoning_is_collected_by_type_wherever_it_stands()
    {
        var response = new ChatResponse(new ChatMessage(ChatRole.Assistant, [new TextContent("72"), new TextReasoningContent("8 * 9 = 72")]));

        var reply = TeacherReply.From(response);

        Assert.Equal(("72", "8 * 9 = 72"), (reply.Text, reply.Reasoning));
    }
}
