namespace MiniMind.Tests;

public class FinishedRowsTests
{
    /// <summary>More prompts than a session takes, of many lengths, whose texts end at many places: rows leave the batch, and what stays is not changed.</summary>
    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void What_a_prompt_gives_does_not_depend_on_the_rows_that_end_before_it(double temperature)
    {
        using var model = new MiniMindLM(new() { Dim = 32, NLayers = 2, NHeads = 4, NKVHeads = 2, VocabSize = 700, MaxSeqLen = 128 }, seed: 3);
        using var generator = new TextGenerator(model, Tokenizers.Small);
        var random = new Random(2);
        int[][] prompts = [.. Enumerable.Range(0, 150).Select(_ => Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(700)).ToArray())];
        var free = generator.Generate(prompts, new() { MaxNewTokens = 24, StopTokens = [] }, TestContext.Current.CancellationToken);
        var options = new GenerationOptions
        {
            MaxNewTokens = 24,
            Temperature = temperature,
            Seed = 5,
            StopTokens = [.. free.SelectMany((text, i) => text.Ids.Skip(i % 24).Take(1)).Distinct().Take(200)],
        };

        var together = generator.Generate(prompts, options, TestContext.Current.CancellationToken);

        Assert.True(together.Select(t => t.Ids.Count).Distinct().Count() > 5);
        if (temperature > 0)
        {
            Assert.Equal(together.Select(t => t.Text), generator.Generate(prompts, options, TestContext.Current.CancellationToken).Select(t => t.Text));
            return;
        }

        for (var i = 0; i < prompts.Length; i += 7)
            Assert.Equal(generator.Generate([prompts[i]], options, TestContext.Current.CancellationToken)[0].Ids, together[i].Ids);
    }
}
