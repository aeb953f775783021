namespace MiniMind;

/// <summary>The Jinja text of an <see cref="ImStartTemplate"/>.</summary>
internal static class ImStartJinja
{
    /// <summary>An empty think block where thinking is switched off, otherwise nothing.</summary>
    public const string ThinkingSwitch =
        "{% if enable_thinking is defined and enable_thinking is false %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}";

    /// <summary>Divides a reply into <c>thought</c> and <c>reply</c>.</summary>
    public const string Division =
        "{% set thought = '' %}{% set reply = turn['content'] or '' %}" +
        "{% if turn['reasoning_content'] is string %}{% set thought = turn['reasoning_content'] %}" +
        "{% elif '</think>' in reply %}" +
        "{% set thought = reply.split('</think>')[0].rstrip('\\n').split('<think>')[-1] %}" +
        "{% set reply = reply.split('</think>')[-1].lstrip('\\n') %}{% endif %}";

    public const string ThoughtAndReply = "{{ '<|im_start|>assistant\\n<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' + reply.lstrip('\\n') }}";

    /// <param name="defaultSystem">See <see cref="ImStartTemplate"/>.</param>
    /// <param name="defaultSystemWithTools">The same where tools are offered.</param>
    /// <param name="reply">Writes an assistant's turn and sets <c>reply</c> to what it said.</param>
    /// <param name="breaksBeforeCalls">When a line break stands before the first call.</param>
    /// <param name="opening">What a generation prompt writes behind the assistant's prefix.</param>
    public static string Write(string? defaultSystem, string? defaultSystemWithTools, string reply, string breaksBeforeCalls, string opening) =>
        "{% if tools %}{{ '<|im_start|>system\\n' }}{% if messages[0]['role'] == 'system' %}{{ messages[0]['content'] + '\\n\\n' }}" +
        (defaultSystemWithTools is null ? string.Empty : "{% else %}{{ " + Literal(defaultSystemWithTools + "\n\n") + " }}") +
        "{% endif %}{{ " + Literal(ToolTexts.Introduction) + " }}{% for tool in tools %}{{ '\\n' }}{{ tool | tojson }}{% endfor %}{{ " +
        Literal(ToolTexts.Ending + ImStartTemplate.End) + " }}" +
        "{% elif messages[0]['role'] == 'system' %}{{ '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}" +
        (defaultSystem is null ? string.Empty : "{% else %}{{ " + Literal("<|im_start|>system\n" + defaultSystem + ImStartTemplate.End) + " }}") +
        "{% endif %}{% for turn in messages %}{% if turn['role'] == 'assistant' %}" + reply +
        "{% if turn['tool_calls'] %}{% for call in turn['tool_calls'] %}" +
        "{% if call['function'] %}{% set call = call['function'] %}{% endif %}" +
        "{% if not loop.first or " + breaksBeforeCalls + " %}{{ '\\n' }}{% endif %}" +
        "{{ '<tool_call>\\n{\"name\": \"' + call['name'] + '\", \"arguments\": ' }}" +
        "{% if call['arguments'] is string %}{{ call['arguments'] }}{% else %}{{ call['arguments'] | tojson }}{% endif %}" +
        "{{ '}\\n</tool_call>' }}{% endfor %}{% endif %}{{ '<|im_end|>\\n' }}" +
        "{% elif turn['role'] == 'tool' %}" +
        "{% if loop.first or messages[loop.index0 - 1]['role'] != 'tool' %}{{ '<|im_start|>user' }}{% endif %}" +
        "{{ '\\n<tool_response>\\n' + turn['content'] + '\\n</tool_response>' }}" +
        "{% if loop.last or messages[loop.index0 + 1]['role'] != 'tool' %}{{ '<|im_end|>\\n' }}{% endif %}" +
        "{% elif turn['role'] == 'user' or not loop.first %}{{ '<|im_start|>' + turn['role'] + '\\n' + turn['content'] + '<|im_end|>\\n' }}{% endif %}{% endfor %}" +
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}" + opening + "{% endif %}";

    private static string Literal(string text) => $"'{text.Replace("\n", "\\n", StringComparison.Ordinal)}'";
}
