using System.Text.Json.Nodes;

namespace MiniMind.Tests;

/// <summary>Tokenizers of the published structures give the ids of Hugging Face's Rust library, which reads the same files.</summary>
public sealed class TokenizerShapeTests : IDisposable
{
    private const string DeepSeek =
        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private const string Gpt4o =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?" +
        @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?" +
        @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private const string Qwen35 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly Lazy<IReadOnlyList<string>> AllTexts = new(() => [.. CreateTexts()]);

    private readonly string _directory = Directory.CreateTempSubdirectory("minimind-shape-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("gpt-2")]
    [InlineData("llama-bpe")]
    [InlineData("qwen2")]
    [InlineData("smollm")]
    public void Tokenizers_of_a_published_structure_give_hugging_faces_ids(string family) => AssertSameIds(family, _ => { });

    [Fact]
    public void Llama_3s_begin_token_stands_before_a_text_unless_that_is_not_wanted()
    {
        AssertSameIds("llama-bpe", root => root["post_processor"] = JsonNode.Parse("""
            {"type": "Sequence", "processors": [
              {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true},
              {"type": "TemplateProcessing",
               "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
               "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
               "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}]}
            """));
        var tokenizer = MiniMindTokenizer.FromDirectory(_directory);

        Assert.Equal(1, tokenizer.Encode("a")[0]);
        Assert.Equal(tokenizer.Encode("a")[1..], tokenizer.Encode("a", addSpecialTokens: false));
    }

    [Fact]
    public void Expressions_of_further_families_give_hugging_faces_ids()
    {
        AssertSameIds("llama-bpe", root => root["pre_tokenizer"] = Sequence(Split(@"\p{N}{1,3}"), Split("[一-龥぀-ゟ゠-ヿ]+"), Split(DeepSeek)));
        AssertSameIds("qwen2", root => root["pre_tokenizer"] = Sequence(Split(Gpt4o)));
        AssertSameIds("qwen2", root => root["pre_tokenizer"] = Sequence(Split(Qwen35)));
        AssertSameIds("gpt-2", root => root["pre_tokenizer"] = Sequence(new JsonObject { ["type"] = "Digits", ["individual_digits"] = false }, Split(DigitGroupSplitter.ThreeDigits)));
    }

    [Fact]
    public void The_expressions_that_are_written_out_split_as_the_general_reader_does()
    {
        foreach (var (written, general) in new (WordSplitter, WordSplitter)[]
        {
            (new Gpt2Splitter(), new ExpressionSplitter(Gpt2Splitter.Expression)),
            (new DigitGroupSplitter(1), new ExpressionSplitter(DigitGroupSplitter.OneDigit)),
            (new DigitGroupSplitter(3), new ExpressionSplitter(DigitGroupSplitter.ThreeDigits)),
        })
        {
            foreach (var text in AllTexts.Value)
            {
                List<int> expected = [], found = [];
                general.Split(text, 5, expected);
                written.Split(text, 5, found);
                Assert.Equal(expected, found);
            }
        }
    }

    [Fact]
    public void Added_tokens_with_switches_give_hugging_faces_ids() => AssertSameIds("qwen2", root =>
    {
        var id = root["model"]!["vocab"]!.AsObject().Count;
        void Add(string content, string? flag, bool normalized, bool special) => root["added_tokens"]!.AsArray().Add(new JsonObject
        {
            ["id"] = root["model"]!["vocab"]![content] is { } known ? known.GetValue<int>() : id++,
            ["content"] = content,
            ["single_word"] = flag == "single_word",
            ["lstrip"] = flag is "lstrip" or "both",
            ["rstrip"] = flag is "rstrip" or "both",
            ["normalized"] = normalized,
            ["special"] = special,
        });
        Add("and", "single_word", normalized: true, special: false);
        Add("the", "single_word", normalized: false, special: false);
        Add("<mask>", "lstrip", normalized: false, special: true);
        Add("<end>", "rstrip", normalized: false, special: true);
        Add("<both>", "both", normalized: true, special: false);
        Add("e\u0301t", null, normalized: true, special: false);
        Add("tool", null, normalized: false, special: false);
        Add("toolbox", null, normalized: true, special: false);
    }, ["and the band and_the the\u0301 the-the and\u0300", "a  <mask>  b <end>\n c <both>  d", "<mask><mask> <mask>", " <end> <mask> ", "\u00e9t e\u0301t toolbox tool", "①the the① ✓the"]);

    [Fact]
    public void A_text_that_is_composed_keeps_the_places_of_its_content()
    {
        Save("qwen2", _ => { });
        var tokenizer = MiniMindTokenizer.FromDirectory(_directory, ChatTemplate.MiniMind2025);
        Assert.True(tokenizer.TryGetId("<think>", out var think));

        var ids = tokenizer.EncodeChat([new("user", "Cafe\u0301 </s> <think> e\u0301"), new("assistant", "e\u0301<think>e\u0301</think>")]);

        Assert.Equal(1, ids.Count(id => id == think));
        Assert.Contains("Café </s> <think> é", tokenizer.Decode(ids), StringComparison.Ordinal);
        Assert.Equal(tokenizer.EncodeChat([new("user", "Caf\u00e9 </s> <think> \u00e9"), new("assistant", "\u00e9<think>\u00e9</think>")]), ids);
    }

    [Fact]
    public void Places_count_in_the_composed_text_which_is_given_back()
    {
        Save("qwen2", _ => { });
        var tokens = MiniMindTokenizer.FromDirectory(_directory).EncodeToTokens("e\u0301 and <think>e\u0301", out var normalized);

        Assert.Equal("\u00e9 and <think>\u00e9", normalized);
        Assert.Equal(normalized!.Length, tokens[^1].Offset.End.Value);
    }

    [Theory]
    [InlineData("Llama", "model.byte_fallback is true; expected false. This is a tokenizer made from SentencePiece")]
    [InlineData("Unigram", "model.type is 'Unigram'; expected 'BPE'. This is a SentencePiece tokenizer")]
    [InlineData("Metaspace", "pre_tokenizer.type is 'Metaspace'; expected 'ByteLevel'. This is a SentencePiece tokenizer")]
    [InlineData("Prepend", "normalizer.normalizers[0].type is 'Prepend'; expected 'NFC', or no normalizer. This is a SentencePiece tokenizer")]
    [InlineData("Merged", "pre_tokenizer.pretokenizers[0].behavior is 'MergedWithPrevious' with invert false; expected 'Isolated' with invert false")]
    [InlineData("Han", "is \"\\p{Han}+\", an expression that is not supported: it has the property '\\p{Han}+'")]
    [InlineData("Twice", "single[1] has the text a second time; expected it once")]
    public void What_would_change_ids_is_refused_by_its_key(string fault, string problem)
    {
        Save("llama-bpe", root =>
        {
            switch (fault)
            {
                case "Llama": root["model"]!["byte_fallback"] = true; break;
                case "Unigram": root["model"]!["type"] = "Unigram"; break;
                case "Metaspace": root["pre_tokenizer"] = new JsonObject { ["type"] = "Metaspace", ["replacement"] = "▁" }; break;
                case "Prepend":
                    root["normalizer"] = JsonNode.Parse("""{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}]}""");
                    break;
                case "Merged": root["pre_tokenizer"]!["pretokenizers"]![0]!["behavior"] = "MergedWithPrevious"; break;
                case "Han": root["pre_tokenizer"] = Sequence(Split(@"\p{Han}+")); break;
                default:
                    root["post_processor"] = JsonNode.Parse("""{"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A"}}, {"Sequence": {"id": "A"}}]}""");
                    break;
            }
        });

        var exception = Assert.Throws<TokenizerException>(() => MiniMindTokenizer.FromDirectory(_directory));

        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
        Assert.StartsWith(Path.Combine(_directory, "tokenizer.json"), exception.Message, StringComparison.Ordinal);
    }

    private static JsonObject Sequence(params JsonNode[] parts) => new()
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray([.. parts, JsonNode.Parse("""{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}""")]),
    };

    private static JsonObject Split(string expression) => new()
    {
        ["type"] = "Split",
        ["pattern"] = new JsonObject { ["Regex"] = expression },
        ["behavior"] = "Isolated",
        ["invert"] = false,
    };

    private void AssertSameIds(string family, Action<JsonNode> change, IEnumerable<string>? more = null)
    {
        Save(family, change);
        var ours = MiniMindTokenizer.FromDirectory(_directory);
        using var theirs = RustTokenizer.Load(_directory);
        var compared = 0;
        foreach (var text in (more ?? []).Concat(AllTexts.Value))
        {
            var (expected, found) = (theirs.Ids(text), ours.Encode(text));
            Assert.True(expected.AsSpan().SequenceEqual(found), $"{family}: '{text}' is {string.Join(' ', expected)} there and {string.Join(' ', found)} here");
            compared++;
        }

        Assert.True(compared > 5_000, $"{compared} texts");
    }

    private void Save(string family, Action<JsonNode> change)
    {
        new BpeTrainer(new BpeTrainerOptions
        {
            VocabSize = 3_000,
            AddedTokens = ["<think>", "</think>", "<tool_call>"],
            Family = BpeFamily.All.Single(f => f.GgufName == family),
        }).Train(Tokenizers.TrainingLines.Concat(AllTexts.Value.Take(3_000))).Save(_directory);
        var path = Path.Combine(_directory, MiniMindTokenizer.TokenizerFileName);
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        change(root);
        File.WriteAllText(path, root.ToJsonString());
    }

    private static string FirstHalf(string text)
    {
        var half = text.Length / 2;
        return text[..(half > 0 && char.IsHighSurrogate(text[half - 1]) ? half - 1 : half)];
    }

    private static IEnumerable<string> CreateTexts()
    {
        foreach (var line in Tokenizers.ReadMoreStrings())
        {
            var text = line.GetProperty("text").GetString()!;
            yield return text;
            yield return TextCutter.Composed(text) == text && text.Length < 40 ? text.ToUpperInvariant() : FirstHalf(text);
        }

        yield return "don'ſ DON'T I'LL we'vE you'Re 'Sample 'ſtop ''s";
        yield return "12345678 1,234.5 ١٢٣٤٥ ½⅓ Ⅻ 𝟘𝟙𝟚𝟛𝟜 五百";
        yield return "line\r\n\r\n  next\n\n\n \t\n\u0085x\u2028y\u00a0z\u3000 \v\f";
        yield return "가나다 \u1100\u1161\u11a8 \u1100\u1161 \uac00\u11a8 각 \u1112\u1161\u11ab\u1100\u1173\u11af";
        yield return "A\u030a \u212b \u00c5 q\u0307\u0323 q\u0323\u0307 \u0958 \u0915\u093c \u0f73 \u0f71\u0f72 \u0344 \ufb1d \u2adc \ud834\udd5e";
        yield return "\u0301start \u0301 \u0300\u0345\u0316 <think>\u0301</think>\u0301 a\u0301<think>";
        string[] alphabet =
        [
            " ", "  ", "\n", "\r\n", "\t", "'", "'s", "'LL", "a", "B", "ß", "é", "e\u0301", "\u0323", "1", "22", "٣", "½", "Ⅷ", "你", "好", "か", "が", "か\u3099", "한", "\u1112\u1161\u11ab",
            "ف", "ِ", "ह", "ि", "ไ", "ท", "😀", "👨‍👩‍👧", "\ufe0f", "𝒳", "𐐷", "𞤀", "𑀓", "𑁦", "\u200d", "\u00ad", ".", ",", "!?", "==", "_", "<", ">", "<think>", "</s>", "<tool_call>", "\u0378", "\ue000",
        ];
        var random = new Random(20261127);
        for (var i = 0; i < 1_500; i++)
            yield return string.Concat(Enumerable.Range(0, random.Next(1, 15)).Select(_ => alphabet[random.Next(alphabet.Length)]));
    }
}
