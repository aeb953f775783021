using System.Text.Json;
using LLama;
using LLama.Native;
using MiniMind.Tests;

namespace MiniMind.LlamaCpp.Tests;

/// <summary>The published tokenizers in a GGUF file, as llama.cpp has them: ids, special tokens, the end of a turn, the chat template.</summary>
public sealed class TokenizerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("minimind-llama-").FullName;

    public TokenizerTests() => LlamaCppBackend.Require();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("minimind_tokenizer")]
    [InlineData("minimind3_tokenizer")]
    public void Texts_get_the_same_ids_there(string name)
    {
        var tokenizer = Published(name);
        var texts = File.ReadLines(SharedFiles.Require("data", name, "parity.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("text").GetString()!).ToList();
        using var theirs = Exported(tokenizer);

        Assert.InRange(texts.Count, 300, 400);
        foreach (var text in texts)
            Assert.Equal(tokenizer.Encode(text), theirs.Tokenize(text));
    }

    [Theory]
    [InlineData("minimind_tokenizer", "</s>")]
    [InlineData("minimind2_tokenizer", "<|im_end|>")]
    [InlineData("minimind3_tokenizer", "<|im_end|>")]
    public void Special_tokens_and_the_end_of_a_turn_are_the_same_there(string name, string end)
    {
        var tokenizer = Published(name);
        using var theirs = Exported(tokenizer);
        var vocabulary = theirs.Model.Vocab;

        Assert.Equal([tokenizer.BosTokenId, tokenizer.EosTokenId, tokenizer.EosTokenId, tokenizer.PadTokenId], [(int?)vocabulary.BOS, (int?)vocabulary.EOS, (int?)vocabulary.EOT, (int?)vocabulary.Pad]);
        Assert.Equal((false, false), (vocabulary.ShouldAddBOS, vocabulary.ShouldAddEOS));
        Assert.True(tokenizer.TryGetId(end, out var endId));
        Assert.True(((LLamaToken)endId).IsEndOfGeneration(vocabulary));
        foreach (var id in tokenizer.AddedTokens.Where(t => t.IsSpecial && t.Id != tokenizer.UnknownTokenId).Select(t => t.Id))
            Assert.True(((LLamaToken)id).IsControl(vocabulary), $"token {id} is not a control token there");
        Assert.DoesNotContain(Enumerable.Range(0, tokenizer.VocabSize), id => !tokenizer.IsSpecial(id) && ((LLamaToken)id).IsEndOfGeneration(vocabulary));
    }

    [Theory]
    [InlineData("minimind_tokenizer")]
    [InlineData("minimind2_tokenizer")]
    [InlineData("minimind3_tokenizer")]
    public void The_chat_template_is_in_the_file_to_the_letter(string name)
    {
        var tokenizer = Published(name);
        using var theirs = Exported(tokenizer);

        using var settings = JsonDocument.Parse(File.ReadAllText(SharedFiles.Require("data", name, MiniMindTokenizer.SettingsFileName)));
        Assert.Equal(settings.RootElement.GetProperty("chat_template").GetString(), theirs.Model.GetTemplate());
    }

    /// <summary>llama.cpp's library runs no Jinja: it knows ChatML by its tags, which is MiniMind2's template where there are no tools. minimind-3's writes
    /// an empty thought before earlier replies, so that only its conversations without one are the same.</summary>
    [Theory]
    [InlineData("minimind2_tokenizer", 4)]
    [InlineData("minimind3_tokenizer", 2)]
    public void Conversations_are_rendered_the_same_there(string name, int count)
    {
        var tokenizer = Published(name);
        using var theirs = Exported(tokenizer);
        ChatTurn[] turns = [new("system", "You add."), new("user", "What is 2 + 2?"), new("assistant", "4"), new("user", "And 3 + 3?")];
        turns = turns[..count];
        var template = new LLamaTemplate(theirs.Model) { AddAssistant = false };
        foreach (var turn in turns)
            template.Add(turn.Role, turn.Content);

        Assert.Equal(tokenizer.ChatTemplate.RenderText(turns, new ChatTemplateOptions()).TrimEnd('\n'), LLamaTemplate.Encoding.GetString(template.Apply()).TrimEnd('\n'));
    }

    private static MiniMindTokenizer Published(string name) => MiniMindTokenizer.FromDirectory(SharedFiles.Require("data", name));

    private LlamaCppModel Exported(MiniMindTokenizer tokenizer)
    {
        using var model = new MiniMindLM(TinyModels.Dense with { VocabSize = tokenizer.VocabSize, NLayers = 1 }, seed: 1);
        var path = Path.Combine(_folder, "model.gguf");
        model.SaveGguf(path, tokenizer, new GgufOptions { Type = GgufType.F32 });
        return new LlamaCppModel(path);
    }
}
