namespace MiniMind.Training.Snippets;

internal static class OwnData
{
    public static void Open(MiniMindTokenizer tokenizer)
    {
        #region data-open
        using var dataset = SftDataset.Open("train.jsonl", tokenizer);
        Console.WriteLine($"{dataset.Count} examples, {dataset.SkippedCount} left out");
        #endregion
    }

    public static void Columns(MiniMindTokenizer tokenizer)
    {
        #region data-columns
        using var dataset = SftDataset.Open("train.jsonl", tokenizer, new SftDatasetOptions
        {
            Columns = new DatasetColumns { Question = "task", Reasoning = "deepseek_thoughts", Answer = "deepseek_attempt" },
        });
        #endregion
    }

    public static void Policies(MiniMindTokenizer tokenizer)
    {
        #region data-policies
        using var dataset = SftDataset.Open("train.jsonl", tokenizer, new SftDatasetOptions
        {
            MaxLength = 512,
            Truncation = TruncationPolicy.Skip,
            InvalidExamples = InvalidExamplePolicy.Skip,
            ConsecutiveTurns = ConsecutiveTurnsPolicy.Merge,
        });
        foreach (var skipped in dataset.Skipped)
            Console.WriteLine($"line {skipped.Line}: {skipped.Reason}");
        #endregion
    }

    public static void Database(IEnumerable<(string Question, string Reasoning, string Answer)> rows, MiniMindTokenizer tokenizer)
    {
        #region data-from-objects
        var conversations = rows.Select(row => new Conversation(
        [
            new ChatTurn("user", row.Question),
            new ChatTurn("assistant", row.Answer) { ReasoningContent = row.Reasoning },
        ]));
        using var dataset = SftDataset.FromConversations(conversations, tokenizer);
        #endregion
    }

    public static void Tokenizers()
    {
        #region data-tokenizer-published
        var tokenizer = MiniMindTokenizer.FromDirectory("minimind_tokenizer");
        #endregion
        GC.KeepAlive(tokenizer);
    }

    public static void TrainTokenizer()
    {
        #region data-tokenizer-trained
        var texts = new ConversationReader().Read("train.jsonl").SelectMany(c => c.Turns)
            .SelectMany(turn => new[] { turn.ReasoningContent ?? string.Empty, turn.Content });
        var tokenizer = new BpeTrainer(new()
        {
            VocabSize = 512,
            AddedTokens = ["<think>", "</think>", "<answer>", "</answer>"],
        }).Train(texts);
        tokenizer.Save("tokenizer");
        #endregion
    }

    public static void Measure(SftDataset dataset, MiniMindTokenizer tokenizer)
    {
        #region data-measure
        var measurement = dataset.Measure();
        Console.WriteLine($"{measurement.TokenCount} tokens, {measurement.SupervisedTokenCount} of them learned, longest example {measurement.Lengths.Max()}");
        Console.WriteLine($"{measurement.TruncatedCount} examples are cut, {measurement.LostClosingTagCount} of them lose a closing tag");

        var shares = new WeightedTagLoss(tokenizer).MeasureShares(dataset.Take(1000));
        Console.WriteLine($"tags have {shares.Tags:P0} of the loss's weight");
        #endregion
    }

    public static void Split(MiniMindTokenizer tokenizer)
    {
        #region data-split
        var conversations = new ConversationReader().Read("all.jsonl").ToList();
        using var dataset = SftDataset.FromConversations(conversations.Where((_, i) => i % 10 != 0), tokenizer);
        using var heldOut = SftDataset.FromConversations(conversations.Where((_, i) => i % 10 == 0), tokenizer);
        #endregion
    }
}
