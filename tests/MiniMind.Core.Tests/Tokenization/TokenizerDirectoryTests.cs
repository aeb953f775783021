using System.Text.Json.Nodes;

namespace MiniMind.Tests;

/// <summary>What the files beside <c>tokenizer.json</c> say is read as Hugging Face's library reads it.</summary>
public sealed class TokenizerDirectoryTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minimind-tokenizer-directory-").FullName;

    public TokenizerDirectoryTests() => Tokenizers.Small.Save(_directory);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_token_that_only_the_settings_have_is_an_added_token()
    {
        Change("tokenizer_config.json", root => root["added_tokens_decoder"]!["700"] = Token("<answer>", special: false));

        var tokenizer = Load();

        Assert.Equal([700], tokenizer.Encode("<answer>"));
        Assert.Equal(701, tokenizer.VocabSize);
        Assert.False(tokenizer.IsSpecial(700));
        tokenizer.Save(_directory);
        Assert.Equal([700], Load().Encode("<answer>"));
    }

    [Fact]
    public void A_token_with_another_id_than_hugging_faces_library_would_give_is_refused()
    {
        Change("tokenizer_config.json", root => root["added_tokens_decoder"]!["705"] = Token("<answer>", special: false));

        var exception = Assert.Throws<TokenizerException>(Load);

        Assert.Contains("tokenizer_config.json: '<answer>' has the id 705; expected 700", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Added_tokens_json_counts_where_the_settings_have_no_list()
    {
        Change("tokenizer_config.json", root => root.AsObject().Remove("added_tokens_decoder"));
        File.WriteAllText(Path.Combine(_directory, "added_tokens.json"), """{"<answer>": 700, "</answer>": 701, "<think>": 3}""");
        File.WriteAllText(Path.Combine(_directory, "special_tokens_map.json"), """{"additional_special_tokens": ["</answer>"]}""");

        var tokenizer = Load();

        Assert.Equal([700, 701], tokenizer.Encode("<answer></answer>"));
        Assert.Equal((false, true), (tokenizer.IsSpecial(700), tokenizer.IsSpecial(701)));
    }

    [Theory]
    [InlineData("""{"eos_token": "</s>", "pad_token": {"content": "<unk>", "lstrip": false}}""")]
    public void A_role_that_only_the_map_of_special_tokens_has_is_read(string map)
    {
        Change("tokenizer_config.json", root =>
        {
            foreach (var key in (string[])["added_tokens_decoder", "eos_token", "pad_token"])
                root.AsObject().Remove(key);
        });
        File.WriteAllText(Path.Combine(_directory, "special_tokens_map.json"), map);

        var tokenizer = Load();

        Assert.Equal((2, 0), (tokenizer.EosTokenId, tokenizer.PadTokenId));
        tokenizer.Save(_directory);
        Assert.Equal(2, Load().EosTokenId);
    }

    [Fact]
    public void A_token_of_the_vocabulary_that_has_a_part_to_play_is_found_in_texts()
    {
        Change("tokenizer.json", root => root["added_tokens"]!.AsArray().RemoveAt(2));
        Change("tokenizer_config.json", root => root["added_tokens_decoder"]!.AsObject().Remove("2"));

        var tokenizer = Load();

        Assert.Equal([2], tokenizer.Encode("</s>"));
        Assert.True(tokenizer.IsSpecial(2));
    }

    [Fact]
    public void Byte_order_marks_are_passed_over()
    {
        foreach (var name in (string[])["tokenizer.json", "tokenizer_config.json"])
            File.WriteAllBytes(Path.Combine(_directory, name), [0xef, 0xbb, 0xbf, .. File.ReadAllBytes(Path.Combine(_directory, name))]);

        Assert.Equal(Tokenizers.Small.Encode("<think> a"), Load().Encode("<think> a"));
    }

    [Fact]
    public void Llamas_class_puts_the_begin_token_before_a_text_by_its_flag()
    {
        Change("tokenizer_config.json", root => (root["tokenizer_class"], root["add_bos_token"]) = ("LlamaTokenizerFast", true));

        Assert.Equal([1, .. Tokenizers.Small.Encode("a")], Load().Encode("a"));
    }

    [Theory]
    [InlineData("tokenizer.model", "tokenizer.model, which is SentencePiece's format")]
    [InlineData("vocab.json", "but vocab.json and merges.txt, which do not say how text is split")]
    public void A_folder_of_another_kind_is_refused_by_what_it_has(string name, string problem)
    {
        File.Delete(Path.Combine(_directory, "tokenizer.json"));
        File.WriteAllText(Path.Combine(_directory, name), "{}");
        File.WriteAllText(Path.Combine(_directory, "merges.txt"), "#version: 0.2");

        Assert.Contains(problem, Assert.Throws<TokenizerException>(Load).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shared_cases_are_read()
    {
        var answer = MiniMindTokenizer.FromDirectory(SharedFiles.Require("cases", "formats", "23-added-tokens-in-config", "12_added_in_config_only"));
        Assert.Single(answer.Encode("<answer>"));
        var mapped = MiniMindTokenizer.FromDirectory(SharedFiles.Require("cases", "formats", "25-special-tokens-map", "05_special_tokens_map_only"));
        Assert.NotNull(mapped.EosTokenId);
    }

    private static JsonObject Token(string content, bool special) => new() { ["content"] = content, ["special"] = special };

    private MiniMindTokenizer Load() => MiniMindTokenizer.FromDirectory(_directory);

    private void Change(string name, Action<JsonNode> change)
    {
        var path = Path.Combine(_directory, name);
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        change(root);
        File.WriteAllText(path, root.ToJsonString());
    }
}
