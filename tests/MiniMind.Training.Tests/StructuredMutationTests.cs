using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MiniMind.Tests;

namespace MiniMind.Training.Tests;

/// <summary>Checkpoint states and token caches that say what no run writes get a documented exception, or are made again, in bounded time and memory.
/// Also what is signed anew after it was changed.</summary>
public sealed class StructuredMutationTests : IDisposable
{
    private const int Runs = 9;
    private const int DefaultInputs = 9_000;

    private readonly string _folder = TinyRun.TemporaryFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Checkpoint_states()
    {
        var examples = TinyRun.Examples(24);
        var options = TinyRun.Options(8) with { Epochs = 2 };
        using var model = new MiniMindLM(TinyRun.Config with { Dim = 8, NLayers = 1, NHeads = 2, NKVHeads = 1 }, seed: 1);
        await TinyRun.LossesAsync(model, examples, options, new CheckpointWriter(new() { Directory = _folder, StepInterval = 2, SaveAtEpochEnd = false }));
        var checkpoint = CheckpointWriter.FindLatest(_folder)!;
        var state = Path.Combine(checkpoint, TrainingCheckpoint.StateFile);
        // Of the last version without digests, so that what is changed is judged for what it says.
        var old = JsonNode.Parse(File.ReadAllText(state))!.AsObject();
        old["format_version"] = CheckpointState.FirstWithDescription - 1;
        old.Remove("state_sha256");
        old.Remove("files");
        var valid = Encoding.UTF8.GetBytes(old.ToJsonString());
        var resumed = 0;
        await using var trainer = TinyRun.Trainer(model, examples, options);

        new MutationRun(Runs, DefaultInputs).Check(
            (_, random) => JsonMutation.Of(valid, random),
            bytes =>
            {
                File.WriteAllBytes(state, bytes);
                trainer.ResumeAsync(checkpoint).GetAwaiter().GetResult();
                if (++resumed % 50 == 0)
                    RunToItsEnd(checkpoint, examples, options);
            },
            e => e is CheckpointException);
    }

    [Fact]
    public void Token_caches() => CheckCaches(isSigned: false);

    /// <summary>A dataset takes and refuses what a reader takes and refuses, and in the same words.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Data_files(bool isArray, bool isPacked)
    {
        string[] rows =
        [
            """{"conversations": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "<think>\u00e9</think>4"}]}""",
            """{"system": "Be brief.", "conversations": [{"from": "human", "value": "2+2?"}, {"from": "gpt", "value": "<|begin_of_thought|>a<|end_of_thought|>4"}]}""",
            """{"messages": [{"role": "user", "content": [{"type": "text", "text": "2"}]}, {"role": "assistant", "content": "4", "reasoning_content": null, "tool_calls": []}]}""",
            """{"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "tool_calls": [{"name": "a", "arguments": "{}"}]}, {"role": "tool", "content": "4"}, {"role": "assistant", "content": "4"}], "tools": "[{}]"}""",
            """{"instruction": "Add.", "input": "2 and 2", "output": "2+2\n#### 4", "note": {"a": [1, "\ud83d"]}}""",
        ];
        var valid = Encoding.UTF8.GetBytes(isArray ? $"[{string.Join(",\n", rows)}]" : string.Join('\n', rows));
        var tokenizer = new BpeTrainer(new BpeTrainerOptions { VocabSize = 280, ChatTemplate = ChatTemplate.MiniMind2 }).Train(rows, TestContext.Current.CancellationToken);
        var file = Path.Combine(_folder, $"rows-{isArray}-{isPacked}");

        new MutationRun(Runs / 2, DefaultInputs / 2).Check(
            (_, random) =>
            {
                var bytes = Mutated(valid, random);
                if (!isPacked)
                    return bytes;
                var packed = GzipTextTests.Pack(bytes);
                return random.Next(3) == 0 ? Mutated(packed, random) : packed;
            },
            bytes =>
            {
                File.WriteAllBytes(file, bytes);
                string? fault = null;
                var read = 0;
                try
                {
                    read = new ConversationReader().Read(file).Count();
                }
                catch (DatasetException e)
                {
                    fault = e.Message;
                }

                try
                {
                    using var dataset = SftDataset.Open(file, tokenizer);
                    Assert.Null(fault);
                    Assert.Equal(read, dataset.Count(e => e.InputIds.Length > 0));
                }
                catch (DatasetException e)
                {
                    // That there is no row, or that a row cannot be written in the template, only a dataset finds.
                    Assert.True(fault is null || fault == e.Message, $"{fault} | {e.Message}");
                    throw;
                }
            },
            e => e is DatasetException);
    }

    private static byte[] Mutated(byte[] valid, Random random)
    {
        byte[] marks = [.. "[]{},:\"\\ \n\r0a"u8, 0, 0xFF, 0xEF, 0xC3];
        List<byte> bytes = [.. valid];
        for (var edits = random.Next(1, 4); edits > 0 && bytes.Count > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0: bytes[at] = marks[random.Next(marks.Length)]; break;
                case 1: bytes.Insert(at, marks[random.Next(marks.Length)]); break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 4), bytes.Count - at)); break;
                case 3 when random.Next(4) == 0: bytes.RemoveRange(at, bytes.Count - at); break;
            }
        }

        return [.. bytes];
    }

    [Fact]
    public void Token_caches_that_are_signed_anew() => CheckCaches(isSigned: true);

    /// <summary>What is taken for a position of the run leads to its end.</summary>
    private static void RunToItsEnd(string checkpoint, List<SftExample> examples, ReasonDistillOptions options)
    {
        using var model = new MiniMindLM(LMConfig.FromFile(Path.Combine(checkpoint, ModelWeights.ConfigFile)), seed: 2);
        var trainer = TinyRun.Trainer(model, examples, options);
        trainer.ResumeAsync(checkpoint).GetAwaiter().GetResult();
        Assert.InRange(trainer.RunAsync().GetAwaiter().GetResult().Steps, 0, 6);
        trainer.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private void CheckCaches(bool isSigned)
    {
        var tokenizer = new BpeTrainer(new BpeTrainerOptions { VocabSize = 280 }).Train(["one two three four"]);
        var source = Path.Combine(_folder, "data.jsonl");
        File.WriteAllLines(source, Enumerable.Range(0, 20).Select(i =>
            $$"""{"conversations": [{"role": "user", "content": "what is {{i}} and {{i}}?"}, {"role": "assistant", "content": "{{i + i}}"}]}"""));
        var options = new SftDatasetOptions { CacheDirectory = Path.Combine(_folder, "cache") };
        int[][] expected;
        using (var dataset = SftDataset.Open(source, tokenizer, options))
            expected = [.. dataset.Select(e => e.InputIds)];
        var cache = Directory.GetFiles(options.CacheDirectory).Single();
        var valid = File.ReadAllBytes(cache);

        new MutationRun(Runs, DefaultInputs).Check(
            (_, random) => Damage(valid, random, isSigned),
            bytes =>
            {
                File.WriteAllBytes(cache, bytes);
                using var dataset = SftDataset.Open(source, tokenizer, options);
                var found = dataset.Select(e => e.InputIds).ToList();
                if (!isSigned)
                    Assert.Equal(expected, found);
                Assert.All(found, ids => Assert.All(ids, id => Assert.InRange(id, 0, tokenizer.VocabSize - 1)));
            },
            e => e is DatasetException);
    }

    private static byte[] Damage(byte[] valid, Random random, bool isSigned)
    {
        byte[] bytes = [.. valid];
        var footer = bytes.Length - 56;
        var rows = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(footer));
        var index = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(footer + 8));
        for (var edits = random.Next(1, 4); edits > 0; edits--)
            switch (random.Next(6))
            {
                case 0: bytes[random.Next(bytes.Length)] = (byte)random.Next(256); break;
                case 1: BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(random.Next(rows - 4)), random.Next(2) == 0 ? -1 : int.MaxValue); break;
                case 2: BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(footer + (8 * random.Next(3))), Extreme(random)); break;
                case 3: BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(rows + (24 * random.Next(index / 24))), (int)Extreme(random)); break;
                case 4: bytes[footer - 1 - random.Next(40)] = (byte)random.Next(256); break;
                case 5 when random.Next(4) == 0: return bytes[..random.Next(bytes.Length)];
            }

        if (isSigned)
        {
            for (int row = 0, at = 0; row < index / 24; row++)
            {
                var entry = bytes.AsSpan(rows + (24 * row), 24);
                var length = BinaryPrimitives.ReadInt32LittleEndian(entry);
                if (length < 0 || length > rows - at)
                    break;
                SHA256.HashData(bytes.AsSpan(at, length)).AsSpan(0, 8).CopyTo(entry[16..]);
                at += length;
            }

            SHA256.HashData([.. bytes.AsSpan(rows, footer - rows), .. bytes.AsSpan(footer, 24)]).CopyTo(bytes, footer + 24);
        }

        return bytes;
    }

    private static long Extreme(Random random) => random.Next(5) switch { 0 => -1, 1 => long.MaxValue, 2 => 1L << 33, 3 => 500_000_001, _ => random.Next(5000) };
}
