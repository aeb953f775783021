using System.Globalization;
using Microsoft.Extensions.AI;

namespace MiniMind.Extensions.AI;

/// <summary>Chat options as one line of text, for keys and descriptions.</summary>
internal static class ChatOptionsText
{
    /// <summary>The options that are set, by name, always in the same order.</summary>
    public static string Of(ChatOptions options)
    {
        var values = new SortedDictionary<string, string?>(StringComparer.Ordinal)
        {
            ["model"] = options.ModelId,
            ["instructions"] = options.Instructions,
            ["temperature"] = Text(options.Temperature),
            ["top_p"] = Text(options.TopP),
            ["top_k"] = Text(options.TopK),
            ["max_output_tokens"] = Text(options.MaxOutputTokens),
            ["frequency_penalty"] = Text(options.FrequencyPenalty),
            ["presence_penalty"] = Text(options.PresencePenalty),
            ["seed"] = Text(options.Seed),
            ["stop"] = options.StopSequences is { Count: > 0 } stops ? string.Join('\u001f', stops) : null,
            ["effort"] = options.Reasoning?.Effort?.ToString(),
            ["reasoning_output"] = options.Reasoning?.Output?.ToString(),
            ["response_format"] = options.ResponseFormat switch { null => null, ChatResponseFormatJson { Schema: { } schema } => schema.GetRawText(), var format => format.GetType().Name },
        };
        foreach (var (key, value) in options.AdditionalProperties ?? [])
            values[$"+{key}"] = Text(value as IFormattable) ?? value?.ToString();
        return string.Join("; ", values.Where(v => v.Value is not null).Select(v => $"{v.Key}={v.Value}"));
    }

    private static string? Text(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture);
}
