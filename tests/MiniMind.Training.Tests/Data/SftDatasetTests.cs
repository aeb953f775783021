using Microsoft.Extensions.Options;

namespace MiniMind.Training.Tests;

public sealed class SftDatasetTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Labels_are_the_next_tokens_and_the_answer_is_supervised()
    {
        using var file = new TemporaryFile(TestChat.Line("q", "ab"));
        using var dataset = TestChat.Open(file.Name);
        var example = Assert.Single(dataset);
        Assert.Equal([1, 11, 201, 'q' + 1000, 2, 201, 1, 12, 201, 'a' + 1000, 'b' + 1000, 2, 201], example.InputIds);
        Assert.Equal([11, 201, 'q' + 1000, 2, 201, 1, 12, 201, 'a' + 1000, 'b' + 1000, 2, 201, 0], example.Labels);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0], example.LossMask);
        Assert.Equal(4, example.SupervisedTokens);
    }

    [Fact]
    public void Skip_counts_bad_lines_and_keeps_the_first_reasons_in_order_of_lines()
    {
        using var file = new TemporaryFile(
            $"{TestChat.Line("q", "a")}\nbad\n{TestChat.Line(new string('x', 70), "a")}\n\n[]\n{TestChat.Line("r", "b")}\n{{}}\n");
        var options = new SftDatasetOptions { InvalidExamples = InvalidExamplePolicy.Skip, MaxSkippedReasons = 3 };
        using var dataset = TestChat.Open(file.Name, options);
        Assert.Equal(2, dataset.Count);
        Assert.Equal(['q' + 1000, 'r' + 1000], dataset.Select(e => e.InputIds[3]));
        Assert.Equal(4, dataset.SkippedCount);
        Assert.Equal([2L, 3L, 5L], dataset.Skipped.Select(s => s.Line!.Value));
        Assert.All(dataset.Skipped, s => Assert.Equal(file.Name, s.File));
        Assert.StartsWith("the conversation is too long to keep any", dataset.Skipped[1].Reason, StringComparison.Ordinal);
        Assert.Equal([12, 12], dataset.MeasureLengths(Cancel));
    }

    [Fact]
    public void Nothing_supervised_fails_when_measured_and_when_read_naming_the_first_such_line()
    {
        using var file = new TemporaryFile(
            $"{TestChat.Line("q", "a")}\n{TestChat.Line(new string('x', 70), "a")}\n{TestChat.Line(new string('y', 90), "a")}");
        using var dataset = TestChat.Open(file.Name);
        var message = $"{file.Name}(2): the conversation is too long to keep any supervised token: it has 81 tokens, and MaxLength keeps 64; "
            + "expected an assistant turn that begins within them";
        Assert.Equal(message, Assert.Throws<DatasetException>(() => dataset.Measure(Cancel)).Message);
        Assert.Equal(message, Assert.Throws<DatasetException>(() => dataset[1]).Message);
        Assert.Equal(12, dataset[0].Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => dataset[3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => dataset[-1]);
    }

    [Fact]
    public void A_long_answer_is_cut_and_counted_as_truncated()
    {
        using var file = new TemporaryFile($"{TestChat.Line("q", new string('a', 100))}\n{TestChat.Line("q", "a")}");
        using var dataset = TestChat.Open(file.Name);
        Assert.Equal(63, dataset[0].Length);
        Assert.Equal(63 - 8, dataset[0].SupervisedTokens);
        var measured = dataset.Measure(Cancel);
        Assert.Equal([63, 12], measured.Lengths);
        Assert.Equal((75L, 58L, 1), (measured.TokenCount, measured.SupervisedTokenCount, measured.TruncatedCount));
        Assert.Same(measured, dataset.Measure(Cancel));
    }

    [Fact]
    public void A_file_written_to_or_cut_behind_our_back_is_noticed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows refuses the second writer");
        using var file = new TemporaryFile($"{TestChat.Line("q", "a")}\n{TestChat.Line("r", "b")}\n");
        using var dataset = TestChat.Open(file.Name);
        using var writer = new FileStream(file.Name, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        var text = TestChat.Line("q", "c");
        writer.Write(System.Text.Encoding.UTF8.GetBytes(text));
        writer.SetLength(text.Length + 10);
        foreach (var index in (int[])[0, 1])
        {
            var fault = Assert.Throws<DatasetException>(() => dataset[index]);
            Assert.StartsWith($"{file.Name}({index + 1}): the file has changed since it was opened", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Many_threads_read_the_same_examples_as_one()
    {
        using var file = new TemporaryFile(string.Join('\n', Enumerable.Range(0, 200).Select(i => TestChat.Line($"{i}", $"{i * 7}"))));
        using var dataset = TestChat.Open(file.Name);
        var one = dataset.Select(e => e.InputIds).ToList();
        var many = new int[one.Count][];
        Parallel.For(0, many.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => many[i] = dataset[i].InputIds);
        Assert.Equal(one, many);
    }

    [Fact]
    public void The_index_of_a_large_file_does_not_hold_its_text()
    {
        var line = TestChat.Line("q", new string('a', 10_000)) + "\n";
        using var file = new TemporaryFile(string.Concat(Enumerable.Repeat(line, 1000)));
        Assert.True(new FileInfo(file.Name).Length > 10_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var dataset = TestChat.Open(file.Name);
        // What was never allocated cannot be held.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.Equal(1000, dataset.Count);
        Assert.Equal(63, dataset[999].Length);
    }

    [Fact]
    public void Empty_sources_are_refused_and_skipping_everything_says_why()
    {
        using var blank = new TemporaryFile("\n \n");
        Assert.Equal(
            $"{blank.Name}: there is no conversation; expected at least one",
            Assert.Throws<DatasetException>(() => TestChat.Open(blank.Name)).Message);
        using var bad = new TemporaryFile("null\nnull\n");
        var fault = Assert.Throws<DatasetException>(
            () => TestChat.Open(bad.Name, new SftDatasetOptions { InvalidExamples = InvalidExamplePolicy.Skip }));
        var message = $"{bad.Name}: all 2 conversations were skipped, the first because the line is null;";
        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_dataset_says_so()
    {
        using var file = new TemporaryFile(TestChat.Line("q", "a"));
        var dataset = TestChat.Open(file.Name);
        dataset.Dispose();
        Assert.Throws<ObjectDisposedException>(() => dataset[0]);
    }

    [Fact]
    public void A_failed_opening_closes_the_file()
    {
        using var file = new TemporaryFile("[]");
        Assert.Throws<DatasetException>(() => TestChat.Open(file.Name));
        // Refused while anyone holds it open for reading.
        using var alone = new FileStream(file.Name, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Equal(2, alone.Length);
    }

    [Fact]
    public void Measuring_and_opening_can_be_cancelled()
    {
        using var file = new TemporaryFile(TestChat.Line("q", "a"));
        using var dataset = TestChat.Open(file.Name);
        Assert.ThrowsAny<OperationCanceledException>(() => dataset.Measure(new CancellationToken(true)));
        Assert.ThrowsAny<OperationCanceledException>(
            () => SftDataset.Open(file.Name, TestChat.Encoder(), new SftDatasetOptions(), cancellationToken: new CancellationToken(true)));
    }

    [Fact]
    public void Conversations_from_elsewhere_give_the_same_examples_and_are_tokenized_once()
    {
        var encoded = 0;
        var encoder = TestChat.Encoder(onEncode: () => encoded++);
        using var dataset = SftDataset.FromConversations([TestChat.Conversation("q", "a")], encoder, new SftDatasetOptions());
        using var file = new TemporaryFile(TestChat.Line("q", "a"));
        using var fromFile = TestChat.Open(file.Name);
        Assert.Equal(fromFile[0].InputIds, dataset[0].InputIds);
        Assert.Equal(fromFile[0].LossMask, dataset[0].LossMask);
        Assert.Equal([12], dataset.MeasureLengths(Cancel));
        Assert.Equal(1, encoded);
    }

    [Fact]
    public void Conversations_from_elsewhere_are_checked_and_named_by_number_or_origin()
    {
        var good = TestChat.Conversation("q", "a");
        var unanswered = new Conversation([new ChatTurn("user", "q")]);
        var options = new SftDatasetOptions();
        var fault = Assert.Throws<DatasetException>(() => SftDataset.FromConversations([good, unanswered], TestChat.Encoder(), options));
        Assert.Equal("conversation 2: the conversation ends with a user turn; expected an assistant turn last (Columns.Turns and Columns.Answer can name a list of turns and a reply beside it)", fault.Message);
        var origin = new Conversation([new ChatTurn("teacher", "q")]) { File = "f.jsonl", Line = 9 };
        fault = Assert.Throws<DatasetException>(() => SftDataset.FromConversations([good, origin], TestChat.Encoder(), options));
        Assert.StartsWith("f.jsonl(9): turn 1 has the unknown role \"teacher\"", fault.Message, StringComparison.Ordinal);
        options.InvalidExamples = InvalidExamplePolicy.Skip;
        using var skipped = SftDataset.FromConversations([unanswered, good, origin], TestChat.Encoder(), options);
        Assert.Single(skipped);
        Assert.Equal(2, skipped.SkippedCount);
    }

    [Fact]
    public async Task An_asynchronous_source_is_read_to_its_end_or_until_cancelled()
    {
        using var stop = new CancellationTokenSource();
        using var dataset = await SftDataset.FromConversationsAsync(Teacher(3, null), TestChat.Encoder(), new SftDatasetOptions(), stop.Token);
        Assert.Equal(3, dataset.Count);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => SftDataset.FromConversationsAsync(Teacher(3, stop), TestChat.Encoder(), new SftDatasetOptions(), stop.Token));
    }

    [Fact]
    public void By_position_roles_of_conversations_from_elsewhere_are_replaced()
    {
        var turns = new[] { new ChatTurn("assistant", "q"), new ChatTurn("user", "a") };
        var options = new SftDatasetOptions { Roles = RolePolicy.ByPosition };
        using var dataset = SftDataset.FromConversations([new Conversation(turns)], TestChat.Encoder(), options);
        Assert.Equal([11, 12], dataset[0].InputIds.Where(id => id is 11 or 12));
    }

    [Fact]
    public void Options_out_of_range_are_all_named_at_once()
    {
        var options = new SftDatasetOptions { MaxLength = 1, Roles = (RolePolicy)7, MaxLineBytes = 0, InvalidExamples = (InvalidExamplePolicy)3 };
        (options.Truncation, options.ReasoningContent) = ((TruncationPolicy)5, (ReasoningContentPolicy)6);
        var fault = Assert.Throws<OptionsValidationException>(options.Validate);
        Assert.Equal(6, fault.Failures.Count());
        Assert.Contains("SftDatasetOptions.MaxLength is 1; expected 2 to 1048576.", fault.Failures);
        Assert.Throws<OptionsValidationException>(() => new ConversationReader(new ConversationReaderOptions { MaxLineBytes = -1 }));
    }

    private static async IAsyncEnumerable<Conversation> Teacher(int count, CancellationTokenSource? stop)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            stop?.Token.ThrowIfCancellationRequested();
            yield return TestChat.Conversation($"{i}", "a");
            stop?.Cancel();
        }
    }
}
