using System.ClientModel.Primitives;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace MiniMind.Extensions.AI;

/// <summary>Reasoning in fields that clients do not know: <c>reasoning_content</c> (DeepSeek, vLLM, llama.cpp), <c>reasoning</c> (newer vLLM, OpenRouter, Ollama's
/// OpenAI endpoint) and <c>reasoning_details</c> (OpenRouter), in the first choice of OpenAI's protocol.</summary>
internal static class RawReasoning
{
    /// <summary>The reasoning in what a client was sent; empty if there is none.</summary>
    public static string Of(object? raw)
    {
        try
        {
            return raw switch
            {
                JsonElement json => Find(json),
                JsonNode node => Find(JsonDocument.Parse(node.ToJsonString()).RootElement),
                IPersistableModel<object> model => Find(JsonDocument.Parse(model.Write(ModelReaderWriterOptions.Json)).RootElement),
                ChatResponse response => Of(response.RawRepresentation),
                ChatResponseUpdate update => Of(update.RawRepresentation),
                _ => string.Empty,
            };
        }
        catch (Exception e) when (JsonFault.Is(e) || e is FormatException or NotSupportedException)
        {
            // A representation that cannot be written as JSON has no fields to find.
            return string.Empty;
        }
    }

    private static string Find(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("choices", out var choices) || choices.ValueKind != JsonValueKind.Array || choices.GetArrayLength() == 0
            || choices[0].ValueKind != JsonValueKind.Object
            || !(choices[0].TryGetProperty("message", out var message) || choices[0].TryGetProperty("delta", out message)) || message.ValueKind != JsonValueKind.Object)
            return string.Empty;
        foreach (var key in (string[])["reasoning_content", "reasoning"])
            if (message.TryGetProperty(key, out var text) && text.ValueKind == JsonValueKind.String && text.GetString() is { Length: > 0 } reasoning)
                return reasoning;
        var details = new StringBuilder();
        if (message.TryGetProperty("reasoning_details", out var parts) && parts.ValueKind == JsonValueKind.Array)
            foreach (var part in parts.EnumerateArray())
                if (part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String)
                    details.Append(text.GetString());
        return details.ToString();
    }
}
