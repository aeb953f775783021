namespace MiniMind.Tests;

public sealed class GenerateAsyncTests : IDisposable
{
    private readonly MiniMindLM _model = new(new() { Dim = 32, NLayers = 2, NHeads = 4, NKVHeads = 2, VocabSize = 700, MaxSeqLen = 128 }, seed: 3);
    private readonly TextGenerator _generator;
    private readonly int[][] _prompts;

    public GenerateAsyncTests()
    {
        _generator = new TextGenerator(_model, Tokenizers.Small);
        var random = new Random(1);
        _prompts = [.. Enumerable.Range(0, 20).Select(_ => Enumerable.Range(0, random.Next(1, 30)).Select(_ => random.Next(700)).ToArray())];
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _generator.Dispose();
        _model.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task The_texts_are_those_of_Generate_and_progress_ends_at_the_number_of_prompts(double temperature)
    {
        // Many stop tokens, so that texts end at different times.
        int[] stops = [.. Enumerable.Range(0, 70).Select(i => i * 10)];
        var options = new GenerationOptions { MaxNewTokens = 24, StopTokens = stops, Temperature = temperature, Seed = 5 };
        var progress = new Told();
        var expected = _generator.Generate(_prompts, options, Cancel);
        var texts = await _generator.GenerateAsync(_prompts, options, progress, Cancel);

        Assert.Equal(expected.Select(t => t.Text), texts.Select(t => t.Text));
        Assert.Equal(expected.Select(t => string.Join(' ', t.Ids)), texts.Select(t => string.Join(' ', t.Ids)));
        Assert.True(texts.Select(t => t.Ids.Count).Distinct().Count() > 2);
        Assert.Equal(Enumerable.Range(1, 20), progress.Values);
    }

    [Fact]
    public async Task Without_progress_it_works_as_well()
    {
        var texts = await _generator.GenerateAsync(_prompts, new() { MaxNewTokens = 2, StopTokens = [] }, cancellationToken: Cancel);

        Assert.All(texts, text => Assert.Equal(2, text.Ids.Count));
        Assert.Equal(20, texts.Count);
    }

    [Fact]
    public async Task It_can_be_cancelled_before_and_between_two_tokens()
    {
        using var source = new CancellationTokenSource();
        var progress = new Told(() => source.Cancel());
        // One prompt leaves room for one token only, and with it the first text ends.
        int[][] prompts = [Enumerable.Repeat(7, 127).ToArray(), [5, 6]];

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _generator.GenerateAsync(prompts, new() { MaxNewTokens = 100, StopTokens = [] }, progress, source.Token));
        Assert.Equal([1], progress.Values);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _generator.GenerateAsync(_prompts, null, progress, source.Token));
        Assert.Equal([1], progress.Values);
        // The generator can go on.
        Assert.Single(await _generator.GenerateAsync([[5, 6]], new() { MaxNewTokens = 2 }, cancellationToken: Cancel));
    }

    private sealed class Told(Action? act = null) : IProgress<int>
    {
        public List<int> Values { get; } = [];

        public void Report(int value)
        {
            Values.Add(value);
            act?.Invoke();
        }
    }
}
