using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace MiniMind.Tests;

/// <summary>Inputs that were made so that a reader's time grows with their square take no longer than others.</summary>
public sealed class LinearTimeTests
{
    // Each took seconds or minutes when time grew with the square.
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(1);

    public static TheoryData<string> Replies => new(
        string.Concat(Enumerable.Repeat("<think></think>", 40_000)),
        string.Concat(Enumerable.Repeat("<answer></answer>", 40_000)),
        string.Concat(Enumerable.Repeat("<think></think>\n<answer></answer>\n", 20_000)),
        "<think>" + string.Concat(Enumerable.Repeat("</think>\n<answer>", 40_000)),
        "<think></think>\n<answer>" + string.Concat(Enumerable.Repeat("</answer> ", 60_000)) + "x",
        "<think></think>\n<answer></answer>" + new string(' ', 600_000) + "x",
        new string('<', 600_000));

    [Theory]
    [MemberData(nameof(Replies))]
    public void Replies_of_tags(string reply)
    {
        var start = Stopwatch.GetTimestamp();

        var parsed = ReasoningReply.Parse(reply);
        var parser = new ReasoningStreamParser();
        foreach (var piece in reply.Chunk(1000))
            parser.Append(new string(piece));

        Assert.False(parsed.FollowsFormat);
        Assert.True(Stopwatch.GetElapsedTime(start) < Most, $"{reply[..20]}… took {Stopwatch.GetElapsedTime(start)}");
    }

    [Fact]
    public void Pickles_whose_keys_have_one_hash()
    {
        // The two halves of each number are alike, so that .NET's hash of it is 0.
        var pickle = Pickle(p =>
        {
            p.Write("}("u8);
            for (var i = 0; i < 100_000; i++)
                p.Write([0x8a, 8, .. BitConverter.GetBytes(((long)i << 32) | (uint)i), (byte)'N']);
            p.Write("u"u8);
        });

        Assert.Equal(100_000, ((Dictionary<object, object?>)Load(pickle)!).Count);
    }

    [Fact]
    public void Pickles_whose_fractions_have_one_hash()
    {
        var pickle = Pickle(p =>
        {
            p.Write("}("u8);
            for (var i = 1; i < 100_000; i++)
                p.Write([(byte)'G', .. BitConverter.GetBytes(((long)i << 32) | (uint)i).Reverse(), (byte)'N']);
            p.Write("u"u8);
        });

        Assert.Equal(99_999, ((Dictionary<object, object?>)Load(pickle)!).Count);
    }

    [Fact]
    public void Pickles_that_number_what_they_store_at_will()
    {
        var pickle = Pickle(p =>
        {
            p.Write("N"u8);
            for (var i = 0; i < 46_000; i++)
                p.Write([(byte)'r', .. BitConverter.GetBytes(i * 46_349)]);
        });

        Assert.Contains("expected no more than it has bytes", Assert.Throws<WeightFileException>(() => Load(pickle)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pickles_that_hand_one_long_tuple_to_every_call()
    {
        var pickle = Pickle(p =>
        {
            p.Write("("u8);
            for (var i = 0; i < 1_000_000; i++)
                p.Write([(byte)'K', 1]);
            p.Write("tq\0"u8);
            for (var i = 0; i < 50_000; i++)
            {
                p.Write(PickleMutation.Global("torch._utils", "_rebuild_tensor_v2"));
                p.Write([(byte)'(', (byte)'(', .. PickleMutation.Text("storage"), .. PickleMutation.Global("torch", "FloatStorage"), .. PickleMutation.Text("0"), .. PickleMutation.Text("cpu")]);
                p.Write([(byte)'K', 1, (byte)'t', (byte)'Q', (byte)'K', 0, (byte)'h', 0, (byte)'h', 0, 0x89, .. PickleMutation.Global("collections", "OrderedDict"), (byte)')', (byte)'R', (byte)'t', (byte)'R', (byte)'0']);
            }
        });

        Assert.Contains("at most 64 dimensions", Assert.Throws<WeightFileException>(() => Load(pickle)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokenizers_whose_merges_have_one_hash()
    {
        // Pairs (i, i ^ mask) all have the hash `mask`.
        const int count = 1 << 15;
        var vocabulary = ByteAlphabet.Characters.ToArray().Select((c, i) => (Token: c.ToString(), Id: i)).ToDictionary(t => t.Token, t => t.Id);
        string Name(int i) => $"{(char)('a' + (i & 15))}{(char)('a' + ((i >> 4) & 15))}{(char)('a' + ((i >> 8) & 15))}{(char)('a' + ((i >> 12) & 15))}";
        for (var i = 0; i < count; i++)
            vocabulary[Name(i)] = (1 << 16) + i;
        var merges = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var (left, right) = (Name(i), Name(i ^ (count - 1)));
            vocabulary.TryAdd(left + right, (1 << 17) + i);
            merges.Add($"{left} {right}");
        }

        var json = Tokenizer(vocabulary, merges, []);

        Assert.True(Load(json).VocabSize > 1 << 17);
    }

    [Fact]
    public void Tokenizers_of_many_added_tokens()
    {
        var vocabulary = ByteAlphabet.Characters.ToArray().Select((c, i) => (Token: c.ToString(), Id: i)).ToDictionary(t => t.Token, t => t.Id);
        string[] added = [.. Enumerable.Range(0, 30_000).Select(i => $"<{i:D5}>")];

        var tokenizer = Load(Tokenizer(vocabulary, [], added));
        var start = Stopwatch.GetTimestamp();
        var ids = tokenizer.Encode(string.Concat(added));

        Assert.Equal(Enumerable.Range(256, added.Length), ids);
        Assert.True(Stopwatch.GetElapsedTime(start) < Most, $"encoding took {Stopwatch.GetElapsedTime(start)}");
    }

    private static byte[] Tokenizer(Dictionary<string, int> vocabulary, List<string> merges, string[] added) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        added_tokens = added.Select((content, i) => new { id = 256 + i, content, special = true }),
        pre_tokenizer = new { type = "ByteLevel", add_prefix_space = false },
        model = new { type = "BPE", vocab = vocabulary, merges },
    });

    private static MiniMindTokenizer Load(byte[] tokenizerJson) => InTime(() => new MiniMindTokenizer(
        new TokenizerFiles("test", new Dictionary<string, byte[]> { [TokenizerFiles.Vocabulary] = tokenizerJson }), null));

    private static object? Load(Func<byte[]> pickle)
    {
        var bytes = pickle();
        return InTime(() => Unpickler.Load("pickle", bytes));
    }

    private static Func<byte[]> Pickle(Action<MemoryStream> write) => () =>
    {
        using var bytes = new MemoryStream();
        bytes.Write([0x80, 2]);
        write(bytes);
        bytes.Write("."u8);
        return bytes.ToArray();
    };

    private static T InTime<T>(Func<T> read)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            return read();
        }
        finally
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Most, $"reading took {Stopwatch.GetElapsedTime(start)}");
        }
    }
}
