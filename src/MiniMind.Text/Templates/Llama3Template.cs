namespace MiniMind;

/// <summary>Llama 3's template; with dates and tools it is that of Llama 3.1, 3.2 and 3.3.</summary>
internal sealed class Llama3Template(bool hasDates) : ChatTemplate
{
    private const string End = "<|eot_id|>";

    private const string Call = "Respond in the format {\"name\": function name, \"parameters\": dictionary of argument name and its value}.Do not use variables.\n\n";

    private const string Request =
        "Given the following functions, please respond with a JSON for a function call with its proper arguments that best answers the given prompt.\n\n" + Call;

    public override string Name => hasDates ? "Llama 3.1" : "Llama 3";

    public override string AssistantPrefix => Header("assistant")[..^2];

    public override string EndOfTurn => End;

    public override bool HasLineBreakAfterTurn => false;

    public override IReadOnlyList<string> SpecialTokens { get; } =
        ["<|end_of_text|>", "<|begin_of_text|>", End, "<|start_header_id|>", "<|end_header_id|>"];

    public override string Jinja { get; } = hasDates ? Llama3Jinja.WithDates(Request) : Llama3Jinja.Plain;

    protected override bool HasPlaceForTools => hasDates;

    private protected override IReadOnlyList<string> Fingerprints { get; } = hasDates ? ["8271aaead2adbc9737d1a08ba22ea6c98ec3c3b26db44a996ac3cc1a7ce3c69a", "f8215a7337cee588f7dfdfcf0dad0a135a63246b0d8c610136636989716db4ec"] : ["fa4a364d99e6124d293b5c0a570eaebe1ba0b1f78a4e00c18aa790a1ce84a42c"];

    protected override void Append(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions options, ICollection<ChatSegment> segments)
    {
        segments.Add(new ChatSegment("<|begin_of_text|>", false));
        var first = hasDates ? AppendSystem(turns, options, segments) : 0;
        for (var i = first; i < turns.Count; i++)
            AppendTurn(turns[i], i + 1, segments);
        if (options.AddGenerationPrompt)
            segments.Add(new ChatSegment(Header("assistant"), false));
    }

    /// <summary>Adds the system's turn and, with tools, the first question, which tells of them.</summary>
    /// <returns>The next turn.</returns>
    private static int AppendSystem(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions options, ICollection<ChatSegment> segments)
    {
        var next = turns[0].Role == "system" ? 1 : 0;
        var environment = options.Tools.Count > 0 ? "Environment: ipython\n" : string.Empty;
        var dates = $"{Header("system")}{environment}Cutting Knowledge Date: December 2023\nToday Date: {options.Date}\n\n";
        Add(segments, dates, next == 1 ? turns[0].Content.Trim() : string.Empty, End, isReply: false);
        if (options.Tools.Count == 0)
            return next;
        if (next == turns.Count || turns[next].Role != "user")
            throw new ChatTemplateException("Llama 3.1 offers tools in the first user turn; expected a user turn first, behind the system's if there is one");
        segments.Add(new ChatSegment(Header("user") + Request, false));
        for (var i = 0; i < options.Tools.Count; i++)
            Add(segments, string.Empty, TemplateJson.Object(options.Tools[i], $"tool {i + 1}", indented: true), "\n\n", isReply: false);
        Add(segments, string.Empty, turns[next].Content.Trim(), End, isReply: false);
        return next + 1;
    }

    private static void AppendTurn(ChatTurn turn, int number, ICollection<ChatSegment> segments)
    {
        if (turn.Role == "tool")
        {
            // The published template takes a text for a list, and so writes it as JSON.
            Add(segments, Header("ipython"), TemplateJson.Text(turn.Content), End, isReply: false);
            return;
        }

        if (turn.ToolCalls.Count == 0)
        {
            Add(segments, Header(turn.Role), turn.Content.Trim(), End, isReply: turn.Role == "assistant");
            return;
        }

        if (turn.ToolCalls.Count > 1)
            throw new ChatTemplateException($"turn {number} calls {turn.ToolCalls.Count} tools; Llama 3.1 writes one call in a turn");
        if (!string.IsNullOrWhiteSpace(turn.Content))
            throw new ChatTemplateException($"turn {number} calls a tool and says something; Llama 3.1 has no place for text beside a call");
        var call = turn.ToolCalls[0];
        Add(segments, Header("assistant") + "{\"name\": \"", call.Name, "\", \"parameters\": ", isReply: true);
        Add(segments, string.Empty, TemplateJson.Object(call.Arguments, $"the arguments of a call of {call.Name}"), "}" + End, isReply: true);
    }

    private static string Header(string role) => $"<|start_header_id|>{role}<|end_header_id|>\n\n";
}
