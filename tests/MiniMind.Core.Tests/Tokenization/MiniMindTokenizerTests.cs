using System.Buffers;
using CsCheck;
using Microsoft.ML.Tokenizers;

namespace MiniMind.Tests;

public sealed class MiniMindTokenizerTests
{
    private static readonly Gen<string> AnyText = Gen.OneOf(
        Gen.String,
        Gen.String["abc <think></think>s' \n0123你好😀\u00a0"],
        Gen.OneOf<string>("<s>", "</s>", "<think>", "<thinking>", " the", "'ll", "\n\n", "  ", "é", "👨‍👩‍👧", "12,345").Array[0, 12].Select(string.Concat));

    [Fact]
    public void Any_text_survives_encoding_and_decoding() => AnyText.Sample(text =>
    {
        var expected = WithoutLoneSurrogates(text);
        Assert.Equal(expected, Tokenizers.Small.Decode(Tokenizers.Small.Encode(text)));
        Assert.Equal(expected, Tokenizers.Small.Decode(Tokenizers.Small.Encode(text, allowSpecial: false)));
    });

    [Fact]
    public void Plain_text_has_the_ids_of_the_package_tokenizer()
    {
        // The package knows the merges as texts; its regular expression agrees inside the basic plane.
        var small = Tokenizers.Small;
        using var json = System.Text.Json.JsonDocument.Parse(SavedJson(small));
        var model = json.RootElement.GetProperty("model");
        var package = BpeTokenizer.Create(new BpeOptions(model.GetProperty("vocab").EnumerateObject().Select(v => KeyValuePair.Create(v.Name, v.Value.GetInt32())))
        {
            Merges = [.. model.GetProperty("merges").EnumerateArray().Select(m => m.GetString()!)],
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(
                new(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"), null),
        });

        Gen.String[" abcdefghijklmnopqrstuvwxyz'.,\n\t0123456789你好éß"].Sample(text =>
            Assert.Equal(package.EncodeToIds(text), small.Encode(text, allowSpecial: false)));
    }

    [Fact]
    public void Added_tokens_in_text_become_themselves_unless_that_is_not_wanted()
    {
        var small = Tokenizers.Small;
        Assert.True(small.TryGetId("<think>", out var think));
        Assert.True(small.TryGetId("<thinking>", out var thinking));

        Assert.Equal([think, thinking, 2], small.Encode("<think><thinking></s>"));
        Assert.DoesNotContain(think, small.Encode("<think>", allowSpecial: false));
        Assert.Equal("<think>", small.Decode([1, think, 2], skipSpecial: true));
        Assert.Equal("<s><think></s>", small.Decode([1, think, 2]));
        Assert.Equal((1, 2, 0, 0), (small.BosTokenId, small.EosTokenId, small.PadTokenId, small.UnknownTokenId));
        Assert.True(small.IsSpecial(2));
        Assert.False(small.IsSpecial(think));
    }

    [Fact]
    public void Incremental_decoding_gives_the_whole_text_and_never_half_a_character() => AnyText.Sample(text =>
    {
        var small = Tokenizers.Small;
        var pieces = DecodePieces(small.CreateDecoder(skipSpecial: false), small.Encode(text));

        Assert.Equal(WithoutLoneSurrogates(text), string.Concat(pieces));
        Assert.All(pieces, piece => Assert.Equal(piece, WithoutLoneSurrogates(piece)));
    });

    [Fact]
    public void Incremental_decoding_of_any_ids_equals_decoding_them_at_once() =>
        Gen.Int[0, 699].Array[0, 60].Sample(ids => Assert.Equal(
            Tokenizers.Small.Decode(ids, skipSpecial: true),
            string.Concat(DecodePieces(Tokenizers.Small.CreateDecoder(), ids))));

    [Fact]
    public void Half_a_million_characters_without_a_break_are_encoded()
    {
        // The package's own merge loop needs minutes for these.
        foreach (var run in (string[])[new string(' ', 500_000), new string('好', 500_000), RandomLetters(500_000)])
            Assert.Equal(run, Tokenizers.Small.Decode(Tokenizers.Small.Encode(run)));
    }

    [Fact]
    public void Many_threads_get_the_same_ids()
    {
        var texts = Tokenizers.TrainingLines.Take(200).ToList();
        var expected = texts.Select(t => Tokenizers.Small.Encode(t)).ToList();

        Parallel.For(0, 2000, i => Assert.Equal(expected[i % 200], Tokenizers.Small.Encode(texts[i % 200])));
    }

    [Fact]
    public void Tokens_know_the_text_they_come_from() => AnyText.Sample(text =>
    {
        var tokens = Tokenizers.Small.EncodeToTokens(text, out _);
        Assert.Equal(Tokenizers.Small.Encode(text), tokens.Select(t => t.Id));
        var end = 0;
        foreach (var token in tokens)
        {
            Assert.InRange(token.Offset.Start.Value, 0, end);
            Assert.InRange(token.Offset.End.Value, token.Offset.Start.Value + 1, text.Length);
            end = token.Offset.End.Value;
        }

        Assert.Equal(text.Length, end);
    });

    [Fact]
    public void A_token_limit_cuts_between_characters() => Gen.Select(AnyText, Gen.Int[1, 20]).Sample((text, most) =>
    {
        var small = Tokenizers.Small;
        var ids = small.EncodeToIds(text, most, out _, out var consumed);
        Assert.InRange(ids.Count, 0, most);
        Assert.Equal(WithoutLoneSurrogates(text)[..consumed], small.Decode(ids));
        Assert.Equal(consumed, small.GetIndexByTokenCount(text, most, out _, out var count));
        Assert.Equal(ids.Count, count);
        var start = small.GetIndexByTokenCountFromEnd(text, most, out _, out var countFromEnd);
        Assert.Equal(small.Encode(text)[^countFromEnd..], small.EncodeToIds(text).TakeLast(countFromEnd));
        Assert.EndsWith(WithoutLoneSurrogates(text)[start..], small.Decode(small.Encode(text)[^countFromEnd..]), StringComparison.Ordinal);
        Assert.Equal(small.Encode(text).Length, small.CountTokens(text));
    });

    [Fact]
    public void Decoding_into_a_span_stops_where_it_is_full()
    {
        var ids = Tokenizers.Small.Encode("good 😀😀 day");
        var destination = new char[7];

        Assert.Equal(OperationStatus.DestinationTooSmall, Tokenizers.Small.Decode(ids, destination, out var used, out var written));
        Assert.Equal("good 😀", new string(destination, 0, written));
        Assert.Equal("good 😀", Tokenizers.Small.Decode(ids.Take(used)));
        Assert.Equal(OperationStatus.Done, Tokenizers.Small.Decode(ids, new char[32], out used, out written));
        Assert.Equal((ids.Length, 13), (used, written));
    }

    [Fact]
    public void An_id_beyond_the_vocabulary_is_named()
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizers.Small.Decode([3, 700]));

        Assert.Contains("no token has this id", exception.Message, StringComparison.Ordinal);
        Assert.Equal(700, exception.ActualValue);
    }

    internal static string SavedJson(MiniMindTokenizer tokenizer)
    {
        var folder = Directory.CreateTempSubdirectory("minimind-tokenizer-");
        try
        {
            tokenizer.Save(folder.FullName);
            return File.ReadAllText(Path.Combine(folder.FullName, MiniMindTokenizer.TokenizerFileName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static List<string> DecodePieces(TokenTextDecoder decoder, int[] ids)
    {
        var pieces = ids.Select(decoder.Append).ToList();
        pieces.Add(decoder.Flush());
        return pieces;
    }

    private static string WithoutLoneSurrogates(string text) => string.Concat(text.EnumerateRunes());

    private static string RandomLetters(int count)
    {
        var random = new Random(1);
        return string.Create(count, random, (span, r) =>
        {
            foreach (ref var c in span)
                c = (char)('a' + r.Next(26));
        });
    }
}
