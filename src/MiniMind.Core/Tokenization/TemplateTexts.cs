using System.Text;
using System.Text.Json;

namespace MiniMind;

/// <summary>The chat templates of a tokenizer's folder, in Jinja, by name, and the file that the default one stands in.</summary>
/// <remarks>As in transformers, <c>chat_template.jinja</c> goes before <c>chat_template.json</c>, and that before <c>tokenizer_config.json</c>, whose
/// <c>chat_template</c> is a text or a list of named texts; <c>additional_chat_templates/NAME.jinja</c> adds to them.</remarks>
internal sealed record TemplateTexts(string Source, IReadOnlyDictionary<string, string> Texts)
{
    public const string Default = "default";

    private const string Key = "chat_template", JinjaFile = "chat_template.jinja", JsonFile = "chat_template.json", MoreFolder = "additional_chat_templates";

    public string? DefaultText => Texts.GetValueOrDefault(Default);

    /// <param name="settings">The content of <c>tokenizer_config.json</c>, or null.</param>
    /// <param name="source">Its path.</param>
    /// <exception cref="TokenizerException">The JSON is malformed, or the template is neither a text nor a list of named texts.</exception>
    public static TemplateTexts Of(byte[]? settings, string source)
    {
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (settings is not null)
            Add(texts, settings, source);
        return new(source, texts);
    }

    /// <summary>All that a folder has.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="settings">The content of its <c>tokenizer_config.json</c>, or null.</param>
    /// <param name="read">Reads a file.</param>
    public static TemplateTexts In(string directory, byte[]? settings, Func<string, byte[]> read)
    {
        var source = Path.Combine(directory, MiniMindTokenizer.SettingsFileName);
        var texts = new SortedDictionary<string, string>(Of(settings, source).Texts.ToDictionary(), StringComparer.Ordinal);
        var json = Path.Combine(directory, JsonFile);
        if (Path.Exists(json))
            Add(texts, read(source = json), json);
        var more = Path.Combine(directory, MoreFolder);
        if (Directory.Exists(more))
            foreach (var file in Directory.EnumerateFiles(more, "*.jinja"))
                texts[Path.GetFileNameWithoutExtension(file)] = Text(read(file));
        var jinja = Path.Combine(directory, JinjaFile);
        if (Path.Exists(jinja))
            texts[Default] = Text(read(source = jinja));
        return new(source, texts);
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF');

    private static void Add(SortedDictionary<string, string> texts, byte[] json, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new TokenizerException(source, $"the file holds {document.RootElement.Shown()}; expected a JSON object");
            if (!document.RootElement.TryGetProperty(Key, out var value) || value.ValueKind == JsonValueKind.Null)
                return;
            if (value.ValueKind == JsonValueKind.String)
                texts[Default] = value.GetString()!;
            else if (value.ValueKind == JsonValueKind.Array)
                foreach (var entry in value.EnumerateArray())
                    texts[Member(entry, "name", source)] = Member(entry, "template", source);
            else
                throw new TokenizerException(source, $"{Key} is {value.Shown()}; expected a text, or a list of named texts");
        }
        catch (Exception e) when (JsonFault.Is(e))
        {
            throw new TokenizerException(source, $"the file is not valid JSON: {e.Message}", e);
        }
    }

    private static string Member(JsonElement entry, string name, string source) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new TokenizerException(source, $"an entry of {Key} is {entry.Shown()}; expected an object with the texts \"name\" and \"template\"");
}
