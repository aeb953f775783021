namespace MiniMind;

/// <summary>Qwen2.5's template.</summary>
internal sealed class Qwen25Template : ImStartTemplate
{
    private const string System = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.";

    public override string Name => "Qwen2.5";

    public override string Jinja { get; } = ImStartJinja.Write(
        System,
        System,
        "{% set reply = turn['content'] or '' %}{{ '<|im_start|>assistant' }}{% if reply or not turn['tool_calls'] %}{{ '\\n' + reply }}{% endif %}",
        "true",
        string.Empty);

    private protected override string DefaultSystem => System;

    private protected override string DefaultSystemWithTools => System;

    private protected override IReadOnlyList<string> Fingerprints { get; } = ["af971678db957a02dadf613e4108ae7739362f32c188711cac210f9d04784472"];

    private protected override string PromptedOpening(ChatTemplateOptions options) => string.Empty;

    private protected override void AppendReply(IReadOnlyList<ChatTurn> turns, int index, ChatTemplateOptions options, ICollection<ChatSegment> segments)
    {
        var isSilent = turns[index].Content.Length == 0 && turns[index].ToolCalls.Count > 0;
        Add(segments, isSilent ? "<|im_start|>assistant" : "<|im_start|>assistant\n", turns[index].Content, string.Empty, isReply: true);
        AppendCalls(turns[index], isBehindText: true, segments);
    }
}
