using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MiniMind.Tests;

/// <summary>Every template renders what its Jinja text, and the published one where it is at hand, renders in Hugging Face's engine.</summary>
public sealed class JinjaParityTests : IDisposable
{
    private const int Conversations = 1_000;

    private readonly string _directory = Directory.CreateTempSubdirectory("minimind-jinja-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("MiniMind2025", null)]
    [InlineData("MiniMind2025", "minimind_tokenizer")]
    [InlineData("MiniMind2", null)]
    [InlineData("MiniMind2", "minimind2_tokenizer")]
    [InlineData("MiniMind3", null)]
    [InlineData("MiniMind3", "minimind3_tokenizer")]
    [InlineData("ChatML", null)]
    [InlineData("Llama3", null)]
    [InlineData("Llama31", null)]
    [InlineData("Qwen25", null)]
    [InlineData("Qwen3", null)]
    public void Random_conversations_are_the_same_text_there(string name, string? published)
    {
        var template = Named(name);
        var jinja = published is null ? template.Jinja! : ChatTemplateOf(SharedFiles.Require("data", published, "tokenizer_config.json"));
        Compare(template, jinja, Conversations);
    }

    /// <summary>Published texts are not ours to keep here; a folder of them may be named.</summary>
    [Fact]
    public void Published_texts_that_are_recognised_give_the_same_text()
    {
        var folder = Environment.GetEnvironmentVariable("MINIMIND_TEMPLATES");
        Assert.SkipWhen(folder is null, "needs a folder of published templates (*.jinja), named by MINIMIND_TEMPLATES");
        var recognised = 0;
        foreach (var path in Directory.EnumerateFiles(folder!, "*.jinja"))
        {
            var jinja = File.ReadAllText(path);
            if (ChatTemplate.Recognize(jinja) is not { } template)
                continue;
            TestContext.Current.TestOutputHelper?.WriteLine($"{Path.GetFileName(path)} is {template.Name}");
            Compare(template, jinja, Conversations, DateTime.Now.ToString("dd MMM yyyy", CultureInfo.InvariantCulture));
            recognised++;
        }

        Assert.True(recognised > 0, "no template of the folder is known");
    }

    private static ChatTemplate Named(string name) => (ChatTemplate)typeof(ChatTemplate).GetProperty(name)!.GetValue(null)!;

    private static string ChatTemplateOf(string settings) => JsonNode.Parse(File.ReadAllText(settings))!["chat_template"]!.GetValue<string>();

    private void Compare(ChatTemplate template, string jinja, int count, string? date = null)
    {
        var random = new Random(20261127);
        var conversations = new List<(RandomConversation Conversation, string Expected)>();
        var refused = 0;
        while (conversations.Count < count && refused < 20 * count)
        {
            var conversation = RandomConversation.Create(random);
            if (date is not null)
                conversation = conversation with { Options = conversation.Options with { Date = date } };
            try
            {
                conversations.Add((conversation, template.RenderText(conversation.Turns, conversation.Options)));
            }
            catch (ChatTemplateException)
            {
                refused++;
            }
        }

        Assert.Equal(count, conversations.Count);
        File.WriteAllText(Path.Combine(_directory, "template.jinja"), jinja);
        File.WriteAllLines(Path.Combine(_directory, "conversations.jsonl"), conversations.Select(c => c.Conversation.Variables(template).ToJsonString()));
        var rendered = Render();
        Assert.Equal(count, rendered.Count);
        for (var i = 0; i < count; i++)
            Assert.True(
                rendered[i] == conversations[i].Expected,
                $"{template.Name}, {conversations[i].Conversation.Variables(template).ToJsonString()}:\n--- there\n{rendered[i]}\n--- here\n{conversations[i].Expected}\n---");
    }

    private List<string?> Render()
    {
        var folder = Path.Combine(Repository.Root, "tests", "Jinja");
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules", "@huggingface", "jinja")), "needs Node.js and the packages of tests/Jinja (npm install)");
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true };
        foreach (var argument in (string[])[Path.Combine(folder, "render.mjs"), Path.Combine(_directory, "template.jinja"), Path.Combine(_directory, "conversations.jsonl")])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return [.. lines.Select(line => JsonSerializer.Deserialize<string?>(line))];
    }
}
