using System.Text.Json.Nodes;

namespace MiniMind.Tests;

/// <summary>A conversation with what a template may meet: system turns, reasoning, tools, their calls and answers, white space at all ends.</summary>
internal sealed record RandomConversation(IReadOnlyList<ChatTurn> Turns, ChatTemplateOptions Options)
{
    private static readonly string[] Texts =
    [
        "Hello", "What is 2 + 2?", " leading", "trailing \n", "\n\nlines\n\nwithin\n", "", "你好，世界", "quotes \" ' \\ {}", "<b>html</b> & more", "<think>old</think>new", "a\tb", "😀 é",
        "<tool_response>\nby hand\n</tool_response>", "4",
    ];

    // No spaces at their ends: strip('\n') takes line breaks in Python and all white space in the JavaScript engine.
    private static readonly string[] Replies =
    [
        "The answer is 4.", "\n4\n\n", "", "<think>\nTwo and two.\n</think>\n\n4", "<think>\n\n</think>\n\n4", "<think>a</think><answer>b</answer>", "line\nline\n", "好",
    ];

    private static readonly string[] Tools =
    [
        """{"type": "function", "function": {"name": "add", "description": "Adds two numbers & more.", "parameters": {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number"}}, "required": ["a", "b"]}}}""",
        """{"type": "function", "function": {"name": "天气", "description": "Tells the weather, \"now\".", "parameters": {"type": "object", "properties": {}}}}""",
    ];

    private static readonly string[] Arguments = ["""{"a": 1, "b": 2.5}""", "{}", """{"city": "北京", "days": [1, 2], "ok": true, "none": null}""", """{"text": "a \"b\" <c>"}"""];

    public static RandomConversation Create(Random random)
    {
        string Any(string[] from) => from[random.Next(from.Length)];
        bool Sometimes(int of) => random.Next(of) == 0;
        var turns = new List<ChatTurn>();
        if (Sometimes(2))
            turns.Add(new("system", Any(Texts)));
        var withTools = Sometimes(2);
        for (var rounds = random.Next(1, 4); rounds > 0; rounds--)
        {
            turns.Add(new("user", Any(Texts)));
            if (withTools && Sometimes(2))
            {
                var calls = Enumerable.Range(0, random.Next(1, 3)).Select(_ => new ChatToolCall(Sometimes(2) ? "add" : "天气", Any(Arguments))).ToList();
                turns.Add(new("assistant", Sometimes(2) ? "" : Any(Replies)) { ToolCalls = calls, ReasoningContent = Sometimes(3) ? "I need a tool." : null });
                for (var answers = random.Next(1, 3); answers > 0; answers--)
                    turns.Add(new("tool", Any(Texts)));
            }

            if (rounds > 1 || Sometimes(2))
                turns.Add(new("assistant", Any(Replies)) { ReasoningContent = Sometimes(3) ? Any(["Because.", "a\nb\n", "\nx\n\n"]) : null });
        }

        return new(turns, new ChatTemplateOptions
        {
            AddGenerationPrompt = Sometimes(2),
            Thinking = random.Next(3) switch { 0 => null, 1 => true, _ => false },
            ReasoningContent = ReasoningContentPolicy.Reference,
            Tools = withTools ? [.. Tools.Take(random.Next(1, 3))] : [],
        });
    }

    /// <summary>The variables that Hugging Face's library gives a template.</summary>
    public JsonObject Variables(ChatTemplate template)
    {
        var variables = new JsonObject
        {
            ["messages"] = new JsonArray([.. Turns.Select(Message)]),
            ["add_generation_prompt"] = Options.AddGenerationPrompt,
            ["bos_token"] = template.SpecialTokens[1],
            ["eos_token"] = template.SpecialTokens[2],
        };
        if (Options.Tools.Count > 0)
            variables["tools"] = new JsonArray([.. Options.Tools.Select(t => JsonNode.Parse(t))]);
        if (Options.Thinking is { } thinking)
            (variables["enable_thinking"], variables["open_thinking"]) = (thinking, thinking);
        return variables;
    }

    private static JsonObject Message(ChatTurn turn)
    {
        var message = new JsonObject { ["role"] = turn.Role, ["content"] = turn.Content };
        if (turn.ReasoningContent is { } reasoning)
            message["reasoning_content"] = reasoning;
        if (turn.ToolCalls.Count > 0)
            message["tool_calls"] = new JsonArray([.. turn.ToolCalls.Select(c => new JsonObject
            {
                ["type"] = "function",
                ["function"] = new JsonObject { ["name"] = c.Name, ["arguments"] = JsonNode.Parse(c.Arguments) },
            })]);
        return message;
    }
}
