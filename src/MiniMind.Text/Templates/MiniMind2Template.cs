namespace MiniMind;

/// <summary>MiniMind2's template.</summary>
internal sealed class MiniMind2Template : ImStartTemplate
{
    public override string Name => "MiniMind2";

    public override string Jinja { get; } = ImStartJinja.Write(
        "You are a helpful assistant",
        null,
        "{% set reply = turn['content'] or '' %}{{ '<|im_start|>assistant\\n' + reply }}",
        "reply",
        ImStartJinja.ThinkingSwitch);

    private protected override string DefaultSystem => "You are a helpful assistant";

    private protected override IReadOnlyList<string> Fingerprints { get; } = ["a24a4b56a415195d2fbd88c85d0ff04d6e59ead01c34932e55d3fd3d81b71f20", "e8b90fe9f3dedc433aec2e97b1e1c4e7fa3831d0b81359b6cddd2a1e95a52add"];

    private protected override void AppendReply(IReadOnlyList<ChatTurn> turns, int index, ChatTemplateOptions options, ICollection<ChatSegment> segments)
    {
        Add(segments, "<|im_start|>assistant\n", turns[index].Content, string.Empty, isReply: true);
        AppendCalls(turns[index], turns[index].Content.Length > 0, segments);
    }
}
