using System.IO.Compression;
using System.Text.Json;

namespace MiniMind.Tests;

/// <summary>Tokenizers for tests: MiniMind's published ones, kept beside the repository, and a small one that is trained here.</summary>
internal static class Tokenizers
{
    private static readonly Lazy<MiniMindTokenizer> SmallOne = new(() => new BpeTrainer(new BpeTrainerOptions
    {
        VocabSize = 700,
        AddedTokens = ["<think>", "</think>", "<thinking>"],
    }).Train(TrainingLines));

    /// <summary>700 tokens, the early-2025 template; <c>&lt;think&gt;</c>, <c>&lt;/think&gt;</c> and <c>&lt;thinking&gt;</c> are added tokens.</summary>
    public static MiniMindTokenizer Small => SmallOne.Value;

    public static IEnumerable<string> TrainingLines
    {
        get
        {
            using var golden = ReadGolden("bpe-training.json.gz");
            return golden.RootElement.GetProperty("corpora").GetProperty("gsm").GetString()!.Split('\n');
        }
    }

    /// <summary><c>minimind</c>, <c>minimind2</c> or <c>minimind3</c>.</summary>
    public static MiniMindTokenizer Published(string name) => MiniMindTokenizer.FromDirectory(SharedFiles.Require("data", $"{name}_tokenizer"));

    /// <summary>4,000 strings of all kinds with the ids that Hugging Face's Rust tokenizers gave.</summary>
    public static IEnumerable<JsonElement> ReadMoreStrings()
    {
        using var file = new StreamReader(new GZipStream(File.OpenRead(PathOf("more-strings.jsonl.gz")), CompressionMode.Decompress));
        while (file.ReadLine() is { } line)
            yield return JsonSerializer.Deserialize<JsonElement>(line);
    }

    public static JsonDocument ReadGolden(string file)
    {
        using var stream = new GZipStream(File.OpenRead(PathOf(file)), CompressionMode.Decompress);
        return JsonDocument.Parse(stream);
    }

    public static int[] Ids(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetInt32())];

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Golden", "Tokenization", file);
}
