using CsCheck;

namespace MiniMind.Training.Tests;

public sealed class AssistantSpansTests
{
    public static TheoryData<int> GoldenNumbers => GoldenSftDataset.Numbers;

    [Theory]
    [MemberData(nameof(GoldenNumbers))]
    public void Mask_of_golden_ids_is_the_references(int number)
    {
        var row = GoldenSftDataset.Rows[number];
        Assert.Equal(row.LossMask, GoldenSftDataset.Spans.Mask(row.InputIds).Skip(1).Select(m => (int)m));
    }

    [Fact]
    public void A_span_starts_one_token_after_the_prefix_and_ends_one_after_the_end_of_turn()
    {
        int[] row = [7, 1, 12, 201, 5, 6, 2, 201, 7, 1, 12, 201, 5, 2];
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1], new AssistantSpans([1, 12], [2]).Mask(row));
    }

    [Fact]
    public void An_unclosed_span_lasts_to_the_end_of_the_padded_row()
    {
        Assert.Equal([0, 0, 0, 1, 1, 1], new AssistantSpans([1, 12], [2]).Mask([1, 12, 201, 5, 0, 0]));
    }

    [Fact]
    public void A_prefix_at_the_end_of_the_row_supervises_nothing()
    {
        Assert.Equal([0, 0, 0], new AssistantSpans([1, 12], [2]).Mask([201, 1, 12]));
    }

    [Fact]
    public void Mask_equals_a_token_by_token_search_on_any_row()
    {
        var ids = Gen.Int[0, 3].Array[0, 40];
        var part = Gen.Int[0, 3].Array[1, 3];
        Gen.Select(ids, part, part).Sample((row, prefix, end) => new AssistantSpans(prefix, end).Mask(row).SequenceEqual(Search(row, prefix, end)));
    }

    [Fact]
    public void Empty_prefix_or_end_is_refused()
    {
        Assert.Equal("prefix", Assert.Throws<ArgumentException>(() => new AssistantSpans([], [2])).ParamName);
        Assert.Equal("endOfTurn", Assert.Throws<ArgumentException>(() => new AssistantSpans([1], [])).ParamName);
    }

    /// <summary>The rule by a walk over the row that carries its state.</summary>
    private static byte[] Search(int[] row, int[] prefix, int[] end)
    {
        var mask = new byte[row.Length];
        var at = 0;
        while (at < row.Length)
        {
            if (!Stands(row, at, prefix))
            {
                at++;
                continue;
            }
            var first = at + prefix.Length;
            for (at = first; at < row.Length && !Stands(row, at, end);)
                at++;
            at += end.Length;
            for (var i = first + 1; i <= at && i < row.Length; i++)
                mask[i] = 1;
        }
        return mask;
    }

    private static bool Stands(int[] row, int at, int[] part) => row.AsSpan(at).StartsWith(part);
}
