namespace MiniMind.Training.Tests.Data;

/// <summary>Layouts of public data sets, with invented rows: each is read as it is meant, or refused with what to do.</summary>
public class PublicLayoutTests
{
    /// <summary>What is read is written as role: reasoning | content.</summary>
    public static TheoryData<string, string, string> Read => new()
    {
        { "MiniMind", """{"conversations":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4"}]}""", "user: 2+2?; assistant: 4" },
        { "messages", """{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"2+2?"},{"role":"assistant","content":"4"}]}""", "system: Be brief.; user: 2+2?; assistant: 4" },
        { "messages with an id and a source", """{"id":7,"source":"web","messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4","tool_calls":null}]}""", "user: 2+2?; assistant: 4" },
        { "messages beside columns (OpenR1-Math)", """{"problem":"2+2?","solution":"4","answer":"4","messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4"}]}""", "user: 2+2?; assistant: 4" },
        { "ShareGPT", """{"id":"x","conversations":[{"from":"human","value":"2+2?"},{"from":"gpt","value":"4"}]}""", "user: 2+2?; assistant: 4" },
        { "ShareGPT with a system column", """{"system":"Be brief.","conversations":[{"from":"user","value":"2+2?"},{"from":"assistant","value":"4"}]}""", "system: Be brief.; user: 2+2?; assistant: 4" },
        { "OpenHermes", """{"conversations":[{"from":"system","value":"Be brief."},{"from":"human","value":"2+2?","weight":null},{"from":"gpt","value":"4","weight":1}],"category":null}""", "system: Be brief.; user: 2+2?; assistant: 4" },
        { "OpenThoughts", """{"system":"","conversations":[{"from":"user","value":"2+2?"},{"from":"assistant","value":"<|begin_of_thought|>\n\n2+2=4\n\n<|end_of_thought|>\n\n<|begin_of_solution|>\n\n4\n\n<|end_of_solution|>"}]}""", "user: 2+2?; assistant: 2+2=4 | 4" },
        { "DeepSeek's reasoning_content", """{"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4","reasoning_content":"2+2=4"}]}""", "user: 2+2?; assistant: 2+2=4 | 4" },
        { "gpt-oss's thinking", """{"messages":[{"role":"user","content":"2+2?","thinking":null},{"role":"assistant","content":"4","thinking":"2+2=4"}]}""", "user: 2+2?; assistant: 2+2=4 | 4" },
        { "OpenRouter's reasoning", """{"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4","reasoning":"2+2=4"}]}""", "user: 2+2?; assistant: 2+2=4 | 4" },
        { "content in parts", """{"messages":[{"role":"user","content":[{"type":"text","text":"2+"},{"type":"text","text":"2?"}]},{"role":"assistant","content":["4"]}]}""", "user: 2+2?; assistant: 4" },
        { "GSM8K", """{"question":"2+2?","answer":"2 and 2 is <<2+2=4>>4.\n#### 4"}""", "user: 2+2?; assistant: 2 and 2 is <<2+2=4>>4. | 4" },
        { "MetaMath", """{"type":"GSM_Rephrased","query":"2+2?","original_question":"Two and two?","response":"2+2=4. The answer is: 4"}""", "user: 2+2?; assistant: 2+2=4. The answer is: 4" },
        { "Alpaca", """{"instruction":"Add.","input":"2 and 2","output":"4"}""", "user: Add.\n\n2 and 2; assistant: 4" },
        { "Alpaca without input (BELLE)", """{"instruction":"2加2？","input":"","output":"4"}""", "user: 2加2？; assistant: 4" },
        { "Firefly", """{"kind":"math","input":"2+2?","target":"4"}""", "user: 2+2?; assistant: 4" },
        { "Dolly", """{"instruction":"Add them.","context":"2 and 2","response":"4","category":"closed_qa"}""", "user: Add them.\n\n2 and 2; assistant: 4" },
        { "columns with reasoning", """{"question":"2+2?","reasoning":"2+2=4","answer":"4"}""", "user: 2+2?; assistant: 2+2=4 | 4" },
        { "columns with a chain of thought", """{"prompt":"2+2?","chain_of_thought":"2+2=4","completion":"4","system":"Be brief."}""", "system: Be brief.; user: 2+2?; assistant: 2+2=4 | 4" },
        { "an answer with think tags", """{"problem":"2+2?","solution":"<think>\n2+2=4\n</think>\n4"}""", "user: 2+2?; assistant: <think>\n2+2=4\n</think>\n4" },
        { "keys nobody reads may hold anything", """{"metadata":{"a":[1,{"b":null}]},"functions":[{"x":1}],"messages":[{"name":7,"role":"user","content":"2+2?"},{"role":"assistant","content":"4"}]}""", "user: 2+2?; assistant: 4" },
    };

    /// <summary>What the message must say.</summary>
    public static TheoryData<string, string, string> Refused => new()
    {
        { "two lists of turns", """{"conversations":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"messages":[]}""", "\"conversations\" and \"messages\" are both there; expected one of them" },
        { "two teachers", """{"question":"2+2?","solution":"2+2=4","answer":"4"}""", "\"answer\" and \"solution\" are both there; expected Columns.Answer to name the one to read" },
        { "a reasoning column that is a switch", """{"question":"2+2?","reasoning":"on","output":"4"}""", "says \"on\", which is a switch and no reasoning; expected Columns.Reasoning" },
        { "a call without arguments", """{"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"","tool_calls":[{"name":"add"}]}]}""", "turn 2 has a call 1 under \"tool_calls\" that cannot be read; expected an object with \"name\" and \"arguments\"" },
        { "a turn of a tool", """{"messages":[{"role":"user","content":"2+2?"},{"role":"tool","content":"4"},{"role":"assistant","content":"4"}]}""", "turn 2 is a tool's; expected it behind an assistant's turn, which calls tools" },
        { "an empty answer", """{"question":"2+2?","reasoning":"hm","answer":""}""", "no answer is there" },
        { "an image", """{"messages":[{"role":"user","content":[{"type":"image_url"}]},{"role":"assistant","content":"4"}]}""", "turn 1 has a \"content\" whose part 1 is of the type \"image_url\"; expected text" },
        { "preferences", """{"prompt":"2+2?","chosen":"4","rejected":"5"}""", "no answer is there, only \"prompt\", \"chosen\", \"rejected\"; expected turns" },
        { "plain text", """{"text":"2+2=4"}""", "no question is there, only \"text\"; expected turns (\"conversations\" or \"messages\"; Columns.Turns can name another list), or one column" },
        { "two contents", """{"conversations":[{"from":"human","value":"a","content":"b"},{"from":"gpt","value":"c"}]}""", "turn 1 has \"value\" and \"content\"; expected one of them" },
        { "two reasonings", """{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","reasoning":"c","thinking":"d"}]}""", "turn 2 has \"reasoning\" and \"thinking\"; expected one of them" },
        { "nothing", "{}", "only nothing" },
        { "a line that is an array", "[]", "the line is an array; expected an object" },
    };

    [Theory]
    [MemberData(nameof(Read))]
    public void A_known_layout_is_read_as_it_is_meant(string layout, string row, string expected)
    {
        var turns = new ConversationReader().Parse(row).Turns;

        Assert.True(expected == ShownTurns.Of(turns), $"{layout}: {ShownTurns.Of(turns)}");
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, row + "\n" + row + "\n" + row + "\n");
            Assert.All(new ConversationReader().Read(file), c => Assert.Equal(expected, ShownTurns.Of(c.Turns)));
            var tokenizer = new BpeTrainer(new() { VocabSize = 300 }).Train([row], TestContext.Current.CancellationToken);
            using var dataset = SftDataset.Open(file, tokenizer, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(3, dataset.Count);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_can_be_read_in_two_ways_or_in_none_is_refused_with_what_to_do(string layout, string row, string problem)
    {
        var message = Assert.Throws<DatasetException>(() => new ConversationReader().Parse(row)).Message;

        Assert.True(message.Contains(problem, StringComparison.Ordinal), $"{layout}: {message}");
    }

    [Fact]
    public void Columns_are_named_where_their_names_do_not_tell()
    {
        const string row = """{"solution":"4","answer":"4.","trace":"2+2=4","ask":"2+2?","role":"Be brief."}""";
        var reader = new ConversationReader(new ConversationReaderOptions { Columns = new DatasetColumns { Question = "ask", Answer = "solution", Reasoning = "trace", System = "role" } });

        Assert.Equal("system: Be brief.; user: 2+2?; assistant: 2+2=4 | 4", ShownTurns.Of(reader.Parse(row).Turns));
        Assert.Contains(
            "the column \"ask\" (Columns.Question) is no text or not there, only \"a\"",
            Assert.Throws<DatasetException>(() => reader.Parse("""{"a":1}""")).Message,
            StringComparison.Ordinal);
    }
}
