using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MiniMind;

/// <summary>Puts the template in use where other programs look for it.</summary>
internal static class TemplateExport
{
    private const string Key = "chat_template";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The settings with that template; the same bytes where they have it already.</summary>
    /// <param name="settings">The content of <c>tokenizer_config.json</c>, or null.</param>
    /// <param name="jinja">The template in use; null removes what is there.</param>
    /// <param name="source">The settings' path.</param>
    /// <exception cref="TokenizerException">The settings cannot be written again.</exception>
    public static byte[]? Into(byte[]? settings, string? jinja, string source)
    {
        if (settings is null && jinja is null)
            return null;
        var text = settings.AsMemory();
        if (text.Span.StartsWith("\uFEFF"u8))
            text = text[3..];
        try
        {
            var root = settings is null ? [] : JsonNode.Parse(text.Span)!.AsObject();
            if (root.TryGetPropertyValue(Key, out var now) && now is not null
                ? now.GetValueKind() == JsonValueKind.String && now.GetValue<string>() == jinja
                : jinja is null)
                return settings;
            root.Remove(Key);
            if (jinja is not null)
                root[Key] = jinja;
            return Encoding.UTF8.GetBytes(root.ToJsonString(Json));
        }
        catch (Exception e) when (JsonFault.Is(e))
        {
            throw new TokenizerException(source, $"the file is not valid JSON: {e.Message}", e);
        }
        catch (ArgumentException e)
        {
            throw new TokenizerException(source, $"a key stands there twice: {e.Message}", e);
        }
    }
}
