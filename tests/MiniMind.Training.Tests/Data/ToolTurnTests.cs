namespace MiniMind.Training.Tests;

/// <summary>Tools that are offered, called and answered, in the layouts of public data sets.</summary>
public class ToolTurnTests
{
    private const string Tool = """{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}""";

    /// <summary>The same conversation in each layout.</summary>
    public static TheoryData<string, string> Layouts => new()
    {
        { "OpenAI's messages", $$$"""{"tools":[{{{Tool}}}],"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"add","arguments":"{\"a\": 2, \"b\": 2}"}}]},{"role":"tool","tool_call_id":"c1","content":"4"},{"role":"assistant","content":"It is 4."}]}""" },
        { "no content, arguments as an object", $$$"""{"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","tool_calls":[{"name":"add","arguments":{"a": 2, "b": 2}}]},{"role":"tool","content":[{"type":"text","text":"4"}]},{"role":"assistant","content":"It is 4.","tool_calls":[]}],"tools":[{{{Tool}}}]}""" },
        { "OpenAI's function_call", $$$"""{"tools":[{{{Tool}}}],"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"","function_call":{"name":"add","arguments":"{\"a\": 2, \"b\": 2}"}},{"role":"function","name":"add","content":"4"},{"role":"assistant","content":"It is 4.","function_call":null}]}""" },
        { "ShareGPT with function_call and observation", $$$"""{"conversations":[{"from":"human","value":"2+2?"},{"from":"function_call","value":"{\"name\": \"add\", \"arguments\": {\"a\": 2, \"b\": 2}}"},{"from":"observation","value":"4"},{"from":"gpt","value":"It is 4."}],"tools":"[{{{Tool.Replace("\"", "\\\"")}}}]"}""" },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Calls_and_answers_are_read(string layout, string row)
    {
        var conversation = new ConversationReader().Parse(row);

        Assert.Equal(["user", "assistant", "tool", "assistant"], conversation.Turns.Select(t => t.Role));
        Assert.Equal(["2+2?", "", "4", "It is 4."], conversation.Turns.Select(t => t.Content));
        var call = Assert.Single(conversation.Turns[1].ToolCalls);
        Assert.Equal(new ChatToolCall("add", """{"a": 2, "b": 2}"""), call);
        Assert.Empty(conversation.Turns[3].ToolCalls);
        Assert.Equal([Tool], conversation.Tools);
        Assert.NotEmpty(layout);
    }

    /// <summary>What a tool answers is given, what the assistant calls and says is learned.</summary>
    [Theory]
    [MemberData(nameof(Layouts))]
    public void A_dataset_writes_them_in_the_template_and_learns_what_the_assistant_says(string layout, string row)
    {
        var tokenizer = new BpeTrainer(new BpeTrainerOptions { VocabSize = 400, ChatTemplate = ChatTemplate.MiniMind3 }).Train([row], TestContext.Current.CancellationToken);
        using var file = new TemporaryFile(row);
        using var dataset = SftDataset.Open(file.Name, tokenizer, new SftDatasetOptions { MaxLength = 2000 }, TestContext.Current.CancellationToken);
        using var memory = SftDataset.FromConversations([new ConversationReader().Parse(row)], tokenizer, new SftDatasetOptions { MaxLength = 2000 });
        var example = dataset[0];
        var learned = tokenizer.Decode(example.Labels.Where((_, i) => example.LossMask[i] > 0));

        Assert.Equal(
            tokenizer.EncodeChat(new ConversationReader().Parse(row).Turns, new ChatTemplateOptions { Tools = [Tool] })[..example.Length],
            example.InputIds);
        Assert.Equal(memory[0].InputIds, example.InputIds);
        Assert.Contains("\"arguments\": {\"a\": 2, \"b\": 2}", learned, StringComparison.Ordinal);
        Assert.Contains("It is 4.", learned, StringComparison.Ordinal);
        Assert.DoesNotContain("<tool_response>", learned, StringComparison.Ordinal);
        Assert.DoesNotContain("parameters", learned, StringComparison.Ordinal);
        Assert.NotEmpty(layout);
    }

    [Fact]
    public void A_template_without_a_place_for_tools_refuses_them_and_an_empty_column_leaves_them_out()
    {
        var row = $$"""{"tools":[{{Tool}}],"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4"}]}""";
        var tokenizer = new BpeTrainer(new BpeTrainerOptions { VocabSize = 300, ChatTemplate = ChatTemplate.ChatML }).Train([row], TestContext.Current.CancellationToken);
        using var file = new TemporaryFile(row);

        var message = Assert.Throws<DatasetException>(() =>
        {
            using var dataset = SftDataset.Open(file.Name, tokenizer, cancellationToken: TestContext.Current.CancellationToken);
            _ = dataset[0];
        }).Message;
        Assert.StartsWith($"{file.Name}(1): ", message, StringComparison.Ordinal);
        Assert.EndsWith("(Columns.Tools = \"\" leaves the tools out)", message, StringComparison.Ordinal);
        using var without = SftDataset.Open(
            file.Name, tokenizer, new SftDatasetOptions { Columns = new DatasetColumns { Tools = "" } }, TestContext.Current.CancellationToken);
        Assert.NotEmpty(without[0].InputIds);
    }

    [Theory]
    [InlineData("""{"role":"assistant","content":"","tool_calls":[{"function":{"name":"add","arguments":"[1]"}}]}""", "turn 2 has a call 1 under \"tool_calls\" that cannot be read")]
    [InlineData("""{"role":"assistant","content":"","tool_calls":["add"]}""", "turn 2 has a call 1 under \"tool_calls\" that cannot be read")]
    [InlineData("""{"role":"assistant","content":"","tool_calls":[]}""", "turn 2 is an assistant's and says nothing")]
    [InlineData("""{"role":"assistant","content":null,"tool_calls":null}""", "turn 2 has a \"content\" that is null; expected a string")]
    [InlineData("""{"role":"function_call","content":"add(2, 2)"}""", "turn 2 calls a function in a text that cannot be read")]
    [InlineData("""{"role":"tool","content":"4"}""", "turn 2 is a tool's; expected it behind an assistant's turn")]
    [InlineData("""{"role":"assistant","content":"a"},{"role":"tool","content":"4"},{"role":"user","content":"b"}""", "turn 4 is the user's behind a tool's; expected the assistant's")]
    [InlineData("""{"role":"assistant","content":"a"},{"role":"tool","content":"4"}""", "the conversation ends with a tool turn; expected an assistant turn last")]
    [InlineData("""{"role":"assistant","content":"a"}],"tools":["add"],"x":[""", "\"tools\" is no list of objects; expected the tools that are offered")]
    [InlineData("""{"role":"assistant","content":"a"}],"tools":"add","x":[""", "\"tools\" is a text that is no JSON list")]
    [InlineData("""{"role":"assistant","content":"a"}],"tools":[],"tools":[],"x":[""", "\"tools\" is given twice; expected it once")]
    public void What_cannot_be_read_is_refused(string turns, string problem)
    {
        var row = $$"""{"messages":[{"role":"user","content":"q"},{{turns}}]}""";

        Assert.Contains(problem, Assert.Throws<DatasetException>(() => new ConversationReader().Parse(row)).Message, StringComparison.Ordinal);
        using var file = new TemporaryFile(row);
        Assert.Contains(problem, Assert.Throws<DatasetException>(() => TestChat.Open(file.Name)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Calls_are_refused_where_roles_go_by_position()
    {
        const string row = """{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"","tool_calls":[{"name":"add","arguments":{}}]}]}""";

        Assert.Contains(
            "turn 2 calls tools (\"tool_calls\"); expected that of an assistant's turn, with roles that are declared",
            Assert.Throws<DatasetException>(() => new ConversationReader(new() { Roles = RolePolicy.ByPosition }).Parse(row)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_of_several_tools_stay_apart_where_turns_are_merged()
    {
        const string row = """{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a","tool_calls":[{"name":"x","arguments":{}}]},{"role":"assistant","content":"","tool_calls":[{"name":"y","arguments":{}}]},{"role":"tool","content":"1"},{"role":"tool","content":"2"},{"role":"assistant","content":"b"}]}""";
        var turns = new ConversationReader(new() { ConsecutiveTurns = ConsecutiveTurnsPolicy.Merge }).Parse(row).Turns;

        Assert.Equal(["user", "assistant", "tool", "tool", "assistant"], turns.Select(t => t.Role));
        Assert.Equal(["x", "y"], turns[1].ToolCalls.Select(c => c.Name));
        Assert.Equal("a", turns[1].Content);
    }
}
