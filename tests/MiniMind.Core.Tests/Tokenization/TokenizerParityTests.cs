using System.Text.Json;

namespace MiniMind.Tests;

/// <summary>Ids and rendered chats equal those of Hugging Face's Rust tokenizers and of the published templates.</summary>
public sealed class TokenizerParityTests
{
    [Theory]
    [InlineData("minimind")]
    [InlineData("minimind3")]
    public void Published_tokenizers_give_hugging_faces_ids_on_the_parity_file(string name)
    {
        var tokenizer = Tokenizers.Published(name);
        var lines = ReadParity(name);

        Assert.Equal(346, lines.Count);
        Assert.All(lines, line => Assert.Equal(Tokenizers.Ids(line.GetProperty("ids")), tokenizer.Encode(line.GetProperty("text").GetString()!)));
    }

    [Theory]
    [InlineData("minimind", 40)]
    [InlineData("minimind3", 23)]
    public void Published_templates_render_the_parity_files_chats(string name, int atLeast)
    {
        var tokenizer = Tokenizers.Published(name);
        var (rendered, byDefault) = (0, 0);
        foreach (var line in ReadParity(name).Where(l => l.TryGetProperty("messages", out _) && !UsesTools(l)))
        {
            var turns = line.GetProperty("messages").EnumerateArray().Select(Turn).ToList();
            var options = new ChatTemplateOptions
            {
                AddGenerationPrompt = line.GetProperty("add_generation_prompt").GetBoolean(),
                Thinking = line.TryGetProperty("open_thinking", out var thinking) ? thinking.GetBoolean() : null,
                ReasoningContent = ReasoningContentPolicy.Reference,
                ContentAsPlainText = false,
            };
            Assert.Equal(line.GetProperty("text").GetString(), tokenizer.ChatTemplate.RenderText(turns, options));
            Assert.Equal(Tokenizers.Ids(line.GetProperty("ids")), tokenizer.EncodeChat(turns, options));
            rendered++;
            if (turns.Exists(t => IsMarkup(t, tokenizer)))
                continue;
            var defaults = new ChatTemplateOptions { AddGenerationPrompt = options.AddGenerationPrompt, Thinking = options.Thinking };
            Assert.Equal(Tokenizers.Ids(line.GetProperty("ids")), tokenizer.EncodeChat(turns, defaults));
            byDefault++;
        }

        Assert.True(rendered >= atLeast, $"{rendered} chats rendered");
        Assert.True(byDefault >= atLeast / 2, $"{byDefault} chats rendered with the default options");
    }

    [Theory]
    [InlineData("minimind")]
    [InlineData("minimind2")]
    [InlineData("minimind3")]
    public void Published_tokenizers_give_hugging_faces_ids_on_four_thousand_more_strings(string name)
    {
        var tokenizer = Tokenizers.Published(name);
        var count = 0;
        foreach (var line in Tokenizers.ReadMoreStrings())
        {
            var text = line.GetProperty("text").GetString()!;
            var ids = line.GetProperty("ids");
            // Where MiniMind2's ids are those of the early tokenizer the file has them once.
            var expected = Tokenizers.Ids(ids.TryGetProperty(name, out var own) ? own : ids.GetProperty("minimind"));
            Assert.Equal(expected, tokenizer.Encode(text));
            Assert.Equal(text, tokenizer.Decode(expected));
            count++;
        }

        Assert.True(count > 3_900, $"{count} strings");
    }

    private static List<JsonElement> ReadParity(string name) =>
        [.. File.ReadLines(SharedFiles.Require("data", $"{name}_tokenizer", "parity.jsonl")).Select(l => JsonSerializer.Deserialize<JsonElement>(l))];

    private static bool UsesTools(JsonElement line) => line.TryGetProperty("tools", out _)
        || line.GetProperty("messages").EnumerateArray().Any(m => m.GetProperty("role").GetString() == "tool" || m.TryGetProperty("tool_calls", out _));

    /// <summary>Whether the defaults make something else of a turn than the reference: a user's text spells a token, or a reply's think block is doubled or
    /// divided with loss there.</summary>
    private static bool IsMarkup(ChatTurn turn, MiniMindTokenizer tokenizer) => turn.Role == "assistant"
        ? turn.Content.Contains("</think>", StringComparison.Ordinal) && (turn.ReasoningContent is not null
            || (turn.Content.Contains("<think>", StringComparison.Ordinal) && !turn.Content.StartsWith("<think>", StringComparison.Ordinal))
            || turn.Content.IndexOf("</think>", StringComparison.Ordinal) != turn.Content.LastIndexOf("</think>", StringComparison.Ordinal))
        : tokenizer.AddedTokens.Any(t => turn.Content.Contains(t.Content, StringComparison.Ordinal));

    private static ChatTurn Turn(JsonElement message) => new(message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!)
    {
        ReasoningContent = message.TryGetProperty("reasoning_content", out var reasoning) ? reasoning.GetString() : null,
    };
}
