namespace MiniMind;

/// <summary>The Jinja texts of <see cref="Llama3Template"/>.</summary>
internal static class Llama3Jinja
{
    private const string Prompt = "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}";

    private const string Turn =
        "{{ '<|start_header_id|>' + turn['role'] + '<|end_header_id|>\\n\\n' + turn['content'] | trim + '<|eot_id|>' }}";

    public const string Plain = "{{ '<|begin_of_text|>' }}{% for turn in messages %}" + Turn + "{% endfor %}" + Prompt;

    /// <param name="request">What stands before the tools.</param>
    public static string WithDates(string request) =>
        "{{ '<|begin_of_text|>' }}{% set from = 1 if messages[0]['role'] == 'system' else 0 %}{{ '<|start_header_id|>system<|end_header_id|>\\n\\n' }}" +
        "{% if tools %}{{ 'Environment: ipython\\n' }}{% endif %}" +
        "{{ 'Cutting Knowledge Date: December 2023\\nToday Date: ' }}{% if date_string is defined %}{{ date_string }}{% else %}{{ '26 Jul 2024' }}{% endif %}{{ '\\n\\n' }}" +
        "{% if from == 1 %}{{ messages[0]['content'] | trim }}{% endif %}{{ '<|eot_id|>' }}" +
        "{% for turn in messages[from:] %}" +
        "{% if turn['tool_calls'] %}{% set call = turn['tool_calls'][0] %}{% if call['function'] %}{% set call = call['function'] %}{% endif %}" +
        "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n{\"name\": \"' + call['name'] + '\", \"parameters\": ' }}{{ call['arguments'] | tojson }}{{ '}<|eot_id|>' }}" +
        "{% elif turn['role'] == 'tool' %}{{ '<|start_header_id|>ipython<|end_header_id|>\\n\\n' }}{{ turn['content'] | tojson }}{{ '<|eot_id|>' }}" +
        "{% elif tools and loop.first %}{{ '<|start_header_id|>user<|end_header_id|>\\n\\n' }}{{ '" +
        request.Replace("\n", "\\n", StringComparison.Ordinal) +
        "' }}{% for tool in tools %}{{ tool | tojson(indent=4) }}{{ '\\n\\n' }}{% endfor %}{{ turn['content'] | trim }}{{ '<|eot_id|>' }}" +
        "{% else %}" + Turn + "{% endif %}{% endfor %}" + Prompt;
}
