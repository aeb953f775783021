namespace MiniMind.Training.Tests;

public sealed class TruncationPolicyTests : IDisposable
{
    /// <summary>Replies of 3 characters, of 300, and of 100 whose closing tags alone are lost.</summary>
    private static readonly string Lines = string.Join('\n', Line(3), Line(300), Line(100));

    private static readonly MiniMindTokenizer Tokenizer = new BpeTrainer(new BpeTrainerOptions { VocabSize = 259 }).Train([], TestContext.Current.CancellationToken);

    private readonly string _folder = TinyRun.TemporaryFolder();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void By_default_rows_are_cut_as_the_reference_cuts_them_and_both_losses_are_counted()
    {
        using var file = new TemporaryFile(Lines + "\n" + TestChat.Line("q", new string('a', 300)));
        foreach (var cache in (string?[])[null, _folder, _folder])
        {
            using var dataset = SftDataset.Open(file.Name, Tokenizer, Options(TruncationPolicy.Cut) with { CacheDirectory = cache }, Cancel);
            var measured = dataset.Measure(Cancel);

            Assert.Equal((4, 3, 2), (dataset.Count, measured.TruncatedCount, measured.LostClosingTagCount));
            Assert.Equal([199, 199, 199], measured.Lengths.Skip(1));
        }
    }

    [Theory]
    [InlineData(InvalidExamplePolicy.Fail)]
    [InlineData(InvalidExamplePolicy.Skip)]
    public void Longer_conversations_can_be_left_out_with_a_reason(InvalidExamplePolicy invalid)
    {
        using var file = new TemporaryFile(Lines);
        var options = Options(TruncationPolicy.Skip) with { InvalidExamples = invalid };
        using var dataset = SftDataset.Open(file.Name, Tokenizer, options, Cancel);
        using var fromMemory = SftDataset.FromConversations(new ConversationReader().Read(file.Name), Tokenizer, options);

        foreach (var one in (SftDataset[])[dataset, fromMemory])
        {
            Assert.Equal((1, 2L, 0), (one.Count, one.SkippedCount, one.Measure(Cancel).TruncatedCount));
            Assert.Equal([2L, 3L], one.Skipped.Select(s => s.Line!.Value));
            Assert.Matches("^the conversation has [0-9]{3} tokens; expected at most 200 \\(MaxLength\\), since Truncation is Skip$", one.Skipped[0].Reason);
        }
    }

    [Theory]
    [InlineData(InvalidExamplePolicy.Fail)]
    [InlineData(InvalidExamplePolicy.Skip)]
    public void Longer_conversations_can_be_a_fault_that_names_the_line(InvalidExamplePolicy invalid)
    {
        using var file = new TemporaryFile(Lines);
        var options = Options(TruncationPolicy.Fail) with { InvalidExamples = invalid };

        var fault = Assert.Throws<DatasetException>(() =>
        {
            using var dataset = SftDataset.Open(file.Name, Tokenizer, options, Cancel);
            return dataset.Measure(Cancel);
        });

        Assert.Equal(2, fault.Line);
        Assert.EndsWith("expected at most 200 (MaxLength), since Truncation is Fail", fault.Message, StringComparison.Ordinal);
        Assert.Throws<DatasetException>(() => SftDataset.FromConversations(new ConversationReader().Read(file.Name), Tokenizer, options));
    }

    [Fact]
    public void Other_faults_are_thrown_where_only_long_conversations_are_left_out()
    {
        using var file = new TemporaryFile(Lines + "\n[]");

        Assert.Equal(4, Assert.Throws<DatasetException>(() => SftDataset.Open(file.Name, Tokenizer, Options(TruncationPolicy.Skip), Cancel)).Line);
    }

    [Fact]
    public void A_row_of_exactly_the_longest_length_is_whole()
    {
        var longest = new SftDatasetOptions();
        using (var dataset = SftDataset.FromConversations([TestChat.Conversation("q", "<answer>1</answer>")], Tokenizer))
            longest.MaxLength = dataset[0].Length;
        using var exact = SftDataset.FromConversations([TestChat.Conversation("q", "<answer>1</answer>")], Tokenizer, longest);
        using var shorter = SftDataset.FromConversations([TestChat.Conversation("q", "<answer>1</answer>")], Tokenizer, longest with { MaxLength = longest.MaxLength - 3 });

        Assert.Equal((0, 0), (exact.Measure(Cancel).TruncatedCount, exact.Measure(Cancel).LostClosingTagCount));
        Assert.Equal((1, 1), (shorter.Measure(Cancel).TruncatedCount, shorter.Measure(Cancel).LostClosingTagCount));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Line(int length) => TestChat.Line("q", $"<think>\n{new string('a', length)}\n</think>\n<answer>\n1\n</answer>");

    private static SftDatasetOptions Options(TruncationPolicy truncation) => new() { MaxLength = 200, Truncation = truncation };
}
