using System.Text.Json.Nodes;

namespace MiniMind.Tests;

/// <summary>Which chat template a tokenizer's folder means, and which one is saved.</summary>
public sealed class TemplateFolderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minimind-templates-").FullName;

    public TemplateFolderTests() => Tokenizers.Small.Save(_directory);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    public static TheoryData<string> Names => ["MiniMind2025", "MiniMind2", "MiniMind3", "ChatML", "Llama3", "Llama31", "Qwen25", "Qwen3"];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_template_file_goes_before_the_settings_and_is_recognised(string name)
    {
        var template = Named(name);
        File.WriteAllText(Path.Combine(_directory, "chat_template.jinja"), template.Jinja);

        var tokenizer = MiniMindTokenizer.FromDirectory(_directory);

        Assert.Equal(template, tokenizer.ChatTemplate);
        var saved = Path.Combine(_directory, "saved");
        tokenizer.Save(saved);
        Assert.False(File.Exists(Path.Combine(saved, "chat_template.jinja")));
        Assert.Equal(template, MiniMindTokenizer.FromDirectory(saved).ChatTemplate);
    }

    [Fact]
    public void Line_breaks_between_statements_make_no_difference() =>
        Assert.Equal(ChatTemplate.ChatML, ChatTemplate.Recognize(ChatTemplate.ChatML.Jinja!.Replace("%}{%", "%}\n{%", StringComparison.Ordinal) + "\n"));

    [Fact]
    public void Of_named_templates_the_default_is_used_and_another_may_be_chosen()
    {
        SetTemplate(new JsonArray(
            new JsonObject { ["name"] = "default", ["template"] = ChatTemplate.ChatML.Jinja },
            new JsonObject { ["name"] = "tool_use", ["template"] = ChatTemplate.Qwen25.Jinja }));

        var tokenizer = MiniMindTokenizer.FromDirectory(_directory);

        Assert.Equal(["default", "tool_use"], tokenizer.ChatTemplateNames);
        Assert.Equal(ChatTemplate.ChatML, tokenizer.ChatTemplate);
        Assert.Equal(ChatTemplate.Qwen25, tokenizer.WithChatTemplate("tool_use").ChatTemplate);
        Assert.Contains("expected one of default, tool_use", Assert.Throws<ChatTemplateException>(() => tokenizer.WithChatTemplate("rag")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_is_not_known_is_refused_when_it_is_needed_with_the_ways_out()
    {
        SetTemplate("{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}");

        var tokenizer = MiniMindTokenizer.FromDirectory(_directory);

        Assert.NotEmpty(tokenizer.Encode("a"));
        var message = Assert.Throws<ChatTemplateException>(() => tokenizer.EncodeChat([new("user", "a")])).Message;
        Assert.Contains("tokenizer_config.json: the chat_template is none this library knows", message, StringComparison.Ordinal);
        Assert.Contains("derive a class of your own from ChatTemplate", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_template_in_use_is_the_one_that_is_exported()
    {
        var tokenizer = MiniMindTokenizer.FromDirectory(_directory, ChatTemplate.MiniMind3);
        using var model = new MiniMindLM(new() { Dim = 32, NLayers = 1, NHeads = 2, VocabSize = 700, MaxSeqLen = 64 }, seed: 1);
        var (folder, file) = (Path.Combine(_directory, "model"), Path.Combine(_directory, "model.gguf"));

        model.SaveModel(folder, new() { Naming = WeightNaming.HuggingFace, Tokenizer = tokenizer });
        model.SaveGguf(file, tokenizer);

        Assert.Equal(ChatTemplate.MiniMind3, MiniMindTokenizer.FromDirectory(folder).ChatTemplate);
        Assert.Equal(ChatTemplate.MiniMind3, GgufModel.LoadTokenizer(file).ChatTemplate);
    }

    [Fact]
    public void The_shared_case_of_a_template_file_is_read()
    {
        var folders = Directory.GetDirectories(SharedFiles.Require("cases", "formats", "09-chat-template-jinja"));
        foreach (var folder in folders)
            Assert.NotNull(MiniMindTokenizer.FromDirectory(folder).ChatTemplate);
        Assert.NotEmpty(folders);
    }

    [Fact]
    public void What_a_template_has_no_place_for_is_refused()
    {
        ChatTurn[] calls = [new("user", "a"), new("assistant", string.Empty) { ToolCalls = [new("add", "{}"), new("add", "{}")] }, new("tool", "1")];

        foreach (var name in (string[])["MiniMind2025", "ChatML", "Llama3", "Llama31"])
            Assert.Throws<ChatTemplateException>(() => Named(name).Render(calls));
        Assert.Throws<ChatTemplateException>(() => ChatTemplate.ChatML.Render([new("user", "a")], new ChatTemplateOptions { Tools = ["{}"] }));
        Assert.Throws<ChatTemplateException>(() => ChatTemplate.MiniMind2025.Render([new("user", "a"), new("system", "b")]));
    }

    private static ChatTemplate Named(string name) => (ChatTemplate)typeof(ChatTemplate).GetProperty(name)!.GetValue(null)!;

    private void SetTemplate(JsonNode template)
    {
        var path = Path.Combine(_directory, MiniMindTokenizer.SettingsFileName);
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        root["chat_template"] = template;
        File.WriteAllText(path, root.ToJsonString());
    }
}
