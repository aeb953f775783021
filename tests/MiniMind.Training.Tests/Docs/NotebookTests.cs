using MiniMind.Samples.FromTheNotebook;
using MiniMind.Tests;

namespace MiniMind.Training.Tests.Docs;

/// <summary>The sample does what MiniMind's notebook does: 8.915 million parameters, the rate 0.00055, and a first loss like the 11.656, 11.873 and 11.907 that versions of
/// the notebook have printed; their initial weights are not known.</summary>
public sealed class NotebookTests
{
    [Fact]
    public async Task The_sample_prints_the_figures_of_the_notebook()
    {
        var data = SharedFiles.Require("data", "seed", "r1_data.jsonl");
        var tokenizer = MiniMindTokenizer.FromDirectory(SharedFiles.Require("data", "minimind_tokenizer"));
        using var output = new StringWriter();

        var run = await NotebookRun.RunAsync(data, tokenizer, output);

        Assert.Equal("8.915", run.Parameters.ToString("F3", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(0.00055, run.LearningRate, 1e-12);
        Assert.InRange(run.Loss, 11.6, 12.0);
        Assert.Contains("Epoch:[1/1](0/1) loss:11.", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("lr:0.000550000000", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clone_without_the_data_has_conversations_of_its_own()
    {
        var data = Path.Combine(Repository.Root, "samples", "FromTheNotebook", "conversations.jsonl");
        var texts = new ConversationReader().Read(data).SelectMany(c => c.Turns).Select(t => t.Content);
        var tokenizer = new BpeTrainer(new() { VocabSize = 6400 }).Train(texts, cancellationToken: TestContext.Current.CancellationToken);

        var run = await NotebookRun.RunAsync(data, tokenizer, TextWriter.Null);

        Assert.Equal(0.00055, run.LearningRate, 1e-12);
        Assert.True(double.IsFinite(run.Loss));
    }
}
