using System.Text.Json;
using MiniMind.Tests;

namespace MiniMind.Training.Tests;

public sealed class SftDatasetGoldenTests
{
    public static TheoryData<int> GoldenNumbers => GoldenSftDataset.Numbers;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void All_golden_conversations_by_position_give_the_references_rows()
    {
        var tokenizer = MiniMindTokenizer.FromDirectory(SharedFiles.Require("data", "minimind_tokenizer"));
        using var file = new TemporaryFile(string.Join('\n', GoldenSftDataset.Rows.Select(r => r.Jsonl)));
        var options = new SftDatasetOptions { MaxLength = GoldenSftDataset.MaxLength, EmptyReplies = EmptyReplyPolicy.Teach, Roles = RolePolicy.ByPosition, ContentAsPlainText = false };
        using var dataset = SftDataset.Open(file.Name, tokenizer, options, Cancel);
        Assert.Equal(12, dataset.Count);
        Assert.Equal(0, dataset.PadTokenId);
        foreach (var (row, example) in GoldenSftDataset.Rows.Zip(dataset))
            row.AssertEquals(example);
        var measured = dataset.Measure(Cancel);
        Assert.Equal(GoldenSftDataset.Rows.Sum(r => r.LossMask.Sum()), measured.SupervisedTokenCount);
        Assert.Equal(GoldenSftDataset.Rows.Count(r => r.FullLength > GoldenSftDataset.MaxLength), measured.TruncatedCount);
    }

    [Fact]
    public void Golden_conversations_that_spell_no_special_token_give_the_references_rows_by_default()
    {
        var tokenizer = MiniMindTokenizer.FromDirectory(SharedFiles.Require("data", "minimind_tokenizer"));
        var rows = GoldenSftDataset.Rows.Where(r => !tokenizer.AddedTokens.Any(t => r.Jsonl.Contains(JsonSerializer.Serialize(t.Content).Trim('"'), StringComparison.Ordinal))).ToList();
        using var file = new TemporaryFile(string.Join('\n', rows.Select(r => r.Jsonl)));
        var options = new SftDatasetOptions { MaxLength = GoldenSftDataset.MaxLength, EmptyReplies = EmptyReplyPolicy.Teach, Roles = RolePolicy.ByPosition };
        using var dataset = SftDataset.Open(file.Name, tokenizer, options, Cancel);
        Assert.Equal(10, dataset.Count);
        foreach (var (row, example) in rows.Zip(dataset))
            row.AssertEquals(example);
    }

    [Fact]
    public void Declared_roles_render_the_conversations_own_system_turn()
    {
        var tokenizer = MiniMindTokenizer.FromDirectory(SharedFiles.Require("data", "minimind_tokenizer"));
        using var file = new TemporaryFile(string.Join('\n', GoldenSftDataset.Rows.Select(r => r.Jsonl)));
        var options = new SftDatasetOptions { MaxLength = GoldenSftDataset.MaxLength, EmptyReplies = EmptyReplyPolicy.Teach, ContentAsPlainText = false };
        using var dataset = SftDataset.Open(file.Name, tokenizer, options, Cancel);
        Assert.Contains("You are terse.", GoldenSftDataset.Rows[11].DeclaredText, StringComparison.Ordinal);
        foreach (var (row, example) in GoldenSftDataset.Rows.Zip(dataset))
        {
            var ids = tokenizer.Encode(row.DeclaredText, allowSpecial: true);
            ids = ids.Length > GoldenSftDataset.MaxLength ? ids[..GoldenSftDataset.MaxLength] : [.. ids, 0];
            Assert.Equal(ids[..^1], example.InputIds);
            Assert.Equal(ids[1..], example.Labels);
        }
    }

    [Fact]
    public void Content_as_plain_text_keeps_a_users_text_from_opening_a_supervised_span()
    {
        var tokenizer = MiniMindTokenizer.FromDirectory(SharedFiles.Require("data", "minimind_tokenizer"));
        var injected = new ConversationReader().Parse(GoldenSftDataset.Rows[9].Jsonl);
        using var special = SftDataset.FromConversations([injected], tokenizer, new SftDatasetOptions { ContentAsPlainText = false });
        using var plain = SftDataset.FromConversations([injected], tokenizer);
        Assert.Equal(2, special[0].InputIds.Count(id => id == 1) - 2);
        Assert.Equal(1, plain[0].InputIds.Count(id => id == 1) - 2);
        Assert.True(plain[0].SupervisedTokens < special[0].SupervisedTokens);
    }

    [Theory]
    [MemberData(nameof(GoldenNumbers))]
    public void Golden_ids_shifted_and_trimmed_pad_back_to_the_references_row(int number)
    {
        var row = GoldenSftDataset.Rows[number];
        var ids = row.InputIds[..Math.Min(row.FullLength, GoldenSftDataset.MaxLength)];
        var encoder = new ConversationEncoder(_ => ids, GoldenSftDataset.Spans, 0, GoldenSftDataset.MaxLength);
        var example = encoder.Encode(new Conversation([]), default).ToExample();
        row.AssertEquals(example);
        // The reference's last turn by position in conversation 12 opens an assistant span that nothing closes: its padding is learned.
        Assert.Equal(number == 11 ? GoldenSftDataset.MaxLength - 1 : Math.Min(ids.Length, GoldenSftDataset.MaxLength - 1), example.Length);
    }
}
