using Microsoft.Extensions.Options;

namespace MiniMind.Training.Tests;

public class WeightedTagLossTests
{
    // Tags are 5 6 and 7 8; the row has a loose 6 outside the mask, a loose 5 inside it, and one whole tag inside.
    private static readonly SftExample Row = new([1, 6, 5, 9, 5, 6, 9, 7], [6, 5, 9, 5, 6, 9, 7, 3], [0, 0, 0, 1, 1, 1, 1, 1]);

    private static Batch Batch => new BatchCollator(0).Collate([Row, new SftExample([1, 2], [2, 3], [0, 1])]);

    [Fact]
    public void Any_token_weighs_every_id_of_any_tag_also_outside_the_mask()
    {
        var targets = WeightedTagLoss.FromTagIds([[5, 6], [7, 8]]).SelectTargets(Batch);

        Assert.Equal([0, 1, 3, 4, 5, 6, 7, 9], targets.Positions);
        Assert.Equal([10, 10, 10, 10, 1, 10, 1, 1], targets.Weights);
        Assert.Equal([6, 5, 5, 6, 9, 7, 3, 3], targets.Labels);
        Assert.Equal(6, targets.Divisor);
    }

    [Fact]
    public void Sequence_weighs_whole_supervised_tags_only()
    {
        var targets = WeightedTagLoss.FromTagIds([[5, 6], [7, 8]], new() { Matching = TagMatching.Sequence, TagWeight = 4 }).SelectTargets(Batch);

        Assert.Equal([3, 4, 5, 6, 7, 9], targets.Positions);
        Assert.Equal([4, 4, 1, 1, 1, 1], targets.Weights);
    }

    [Fact]
    public void Sequence_takes_the_longer_of_two_tags_that_begin_alike()
    {
        var targets = WeightedTagLoss.FromTagIds([[5], [5, 6, 9]], new() { Matching = TagMatching.Sequence }).SelectTargets(Batch);

        Assert.Equal([10, 10, 10, 1, 1, 1], targets.Weights);
    }

    [Fact]
    public void Padding_never_counts_even_if_its_id_occurs_in_a_tag()
    {
        var targets = WeightedTagLoss.FromTagIds([[0], [3]]).SelectTargets(Batch);

        Assert.DoesNotContain(targets.Positions, p => p > 9);
    }

    [Fact]
    public void Shares_tell_tags_from_tokens_that_share_an_id_and_from_text_nobody_supervised()
    {
        // A tag of two tokens at 10 each; a loose 5 inside the mask, a 6 and a 5 outside it, and two other tokens.
        var example = new SftExample([1, 6, 5, 9, 5, 6, 9, 5], [6, 5, 9, 5, 6, 9, 5, 3], [0, 0, 0, 1, 1, 1, 1, 1]);

        var any = WeightedTagLoss.FromTagIds([[5, 6], [7, 8]]).MeasureShares([example]);
        var whole = WeightedTagLoss.FromTagIds([[5, 6], [7, 8]], new() { Matching = TagMatching.Sequence }).MeasureShares([example, example]);

        Assert.Equal((20 / 52.0, 10 / 52.0, 20 / 52.0), (any.Tags, any.SharedIds, any.Unsupervised));
        Assert.Equal((20 / 23.0, 0.0, 0.0), (whole.Tags, whole.SharedIds, whole.Unsupervised));
        Assert.Throws<ArgumentException>(() => WeightedTagLoss.FromTagIds([[5]]).MeasureShares([new SftExample([1, 2], [2, 3], [0, 0])]));
    }

    [Fact]
    public void A_batch_without_supervision_is_refused()
    {
        var batch = new BatchCollator(0).Collate([new SftExample([1, 2], [2, 3], [0, 0]), new SftExample([1, 2], [2, 3], [0, 0])], [8, 3]);

        Assert.Contains(
            "the batch of examples 8, 3 has no supervised token; expected at least one",
            Assert.Throws<ArgumentException>(() => WeightedTagLoss.FromTagIds([[5]]).SelectTargets(batch)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void All_wrong_settings_are_named_at_once()
    {
        var options = new WeightedTagLossOptions { TagWeight = 0, Matching = (TagMatching)9, Tags = [""] };

        var exception = Assert.Throws<OptionsValidationException>(options.Validate);

        Assert.Equal(3, exception.Failures.Count());
    }

    [Fact]
    public void Tags_that_merged_with_their_neighbours_are_weighed_by_their_text_or_reported()
    {
        Conversation[] conversations =
        [
            .. Enumerable.Range(0, 300).Select(i => new Conversation(
                [new("user", $"{i}+{i}?"), new("assistant", $"<think>\nSo it is {2 * i}.</think>\n<answer>${2 * i}.</answer>")])),
        ];
        var tokenizer = new BpeTrainer(new BpeTrainerOptions { VocabSize = 400 }).Train(conversations.SelectMany(c => c.Turns).Select(t => t.Content), TestContext.Current.CancellationToken);
        using var dataset = SftDataset.FromConversations(conversations[..1], tokenizer);
        var weighed = new WeightedTagLoss(tokenizer, new WeightedTagLossOptions { Matching = TagMatching.Sequence });

        var targets = weighed.SelectTargets(new BatchCollator(dataset.PadTokenId).Collate([dataset[0]]));
        var heavy = string.Concat(targets.Labels.Zip(targets.Weights).Where(p => p.Second > 1).Select(p => tokenizer.Decode([(int)p.First], skipSpecial: false)));

        Assert.Equal("<think>.</think><answer>$.</answer>", heavy);
        Assert.Equal(0, weighed.MeasureShares([dataset[0]]).MissedTags);
        Assert.True(new WeightedTagLoss(tokenizer).MeasureShares([dataset[0]]).MissedTags > 0);
    }

    [Fact]
    public void Where_no_tag_merged_the_text_tells_the_same_as_the_ids()
    {
        var tokenizer = new BpeTrainer(new BpeTrainerOptions { VocabSize = 300, AddedTokens = [.. ReasoningTags.All] }).Train(["a b c q"], TestContext.Current.CancellationToken);
        using var dataset = SftDataset.FromConversations(
            [new([new("user", "<think> q"), new("assistant", "<think> a </think> b <answer> c </answer>")])], tokenizer);
        var batch = new BatchCollator(dataset.PadTokenId).Collate([dataset[0]]);
        var options = new WeightedTagLossOptions { Matching = TagMatching.Sequence };

        var byText = new WeightedTagLoss(tokenizer, options).SelectTargets(batch);
        var byIds = WeightedTagLoss.FromTagIds(options.ResolvedTags.Select(tag => tokenizer.Encode(tag)), options).SelectTargets(batch);

        Assert.Equal(byIds.Weights, byText.Weights);
    }
}
