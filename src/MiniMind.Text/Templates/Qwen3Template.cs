namespace MiniMind;

/// <summary>Qwen3's template, whose thinking can be switched off. Reasoning before the last question is left out, and a reply that ends the conversation
/// always has a think block.</summary>
internal sealed class Qwen3Template : ThinkTemplate
{
    public override string Name => "Qwen3";

    public override string Jinja { get; } =
        "{% set ns = namespace(last=messages | length - 1, seeks=true) %}{% for turn in messages[::-1] %}" +
        "{% if ns.seeks and turn['role'] == 'user' and not (turn['content'].startswith('<tool_response>') and turn['content'].endswith('</tool_response>')) %}" +
        "{% set ns.seeks = false %}{% set ns.last = messages | length - 1 - loop.index0 %}{% endif %}{% endfor %}" +
        ImStartJinja.Write(
            null,
            null,
            ImStartJinja.Division + "{% if loop.index0 > ns.last and (loop.last or thought) %}" + ImStartJinja.ThoughtAndReply +
            "{% else %}{{ '<|im_start|>assistant\\n' + reply }}{% endif %}",
            "reply",
            ImStartJinja.ThinkingSwitch);

    private protected override IReadOnlyList<string> Fingerprints { get; } = ["78075e2c2a6152910c7497f0fa673e6ced8ddce8d8168f14b135a69e550c8d8f", "b362128c0b247ce09655089b778a1895e45a242c581369fcf912b498fda80ea6"];

    private protected override bool WritesThought(IReadOnlyList<ChatTurn> turns, int index, string thought) =>
        index > LastQuestion(turns) && (index == turns.Count - 1 || thought.Length > 0);

    /// <summary>The last user turn that is no tool's answer written by hand; the last turn of all where there is none.</summary>
    private static int LastQuestion(IReadOnlyList<ChatTurn> turns)
    {
        for (var i = turns.Count - 1; i >= 0; i--)
            if (turns[i].Role == "user" && !(turns[i].Content.StartsWith("<tool_response>", StringComparison.Ordinal)
                && turns[i].Content.EndsWith("</tool_response>", StringComparison.Ordinal)))
                return i;
        return turns.Count - 1;
    }
}
