using System.Text;
using System.Text.Json;

namespace MiniMind;

/// <summary>The chat templates of a tokenizer's files, in Jinja, by name, and the file that the default one stands in.</summary>
/// <remarks>As in transformers, <c>chat_template.jinja</c> goes before <c>chat_template.json</c>, and that before <c>tokenizer_config.json</c>, whose
/// <c>chat_template</c> is a text or a list of named texts; <c>additional_chat_templates/NAME.jinja</c> adds to them.</remarks>
internal sealed record TemplateTexts(string Source, IReadOnlyDictionary<string, string> Texts)
{
    public const string Default = "default";

    private const string Key = "chat_template";

    public string? DefaultText => Texts.GetValueOrDefault(Default);

    /// <exception cref="TokenizerException">A file's JSON is malformed, or a template is neither a text nor a list of named texts.</exception>
    public static TemplateTexts Of(TokenizerFiles files)
    {
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var source = TokenizerFiles.Settings;
        foreach (var name in (string[])[TokenizerFiles.Settings, TokenizerFiles.TemplateJson])
            if (files.Contents.TryGetValue(name, out var json) && TokenizerNode.Parse(json, files.PathOf(name), root => Add(texts, root)))
                source = name;
        foreach (var (name, content) in files.Contents)
            if (TokenizerFiles.IsFurtherTemplate(name))
                texts[Path.GetFileNameWithoutExtension(name)] = Text(content);
        if (files.Contents.TryGetValue(TokenizerFiles.TemplateJinja, out var jinja))
            (texts[Default], source) = (Text(jinja), TokenizerFiles.TemplateJinja);
        return new(files.PathOf(source), texts);
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF');

    private static bool Add(SortedDictionary<string, string> texts, TokenizerNode root)
    {
        if (!root.Has(Key))
            return false;
        var value = root.Value(Key);
        if (value.ValueKind == JsonValueKind.String)
            texts[Default] = value.GetString()!;
        else if (value.ValueKind == JsonValueKind.Array)
            foreach (var entry in root.Objects(Key))
                texts[entry.Text("name")] = entry.Text("template");
        else
            throw root.Unexpected(Key, "a text, or a list of named texts");
        return true;
    }
}
