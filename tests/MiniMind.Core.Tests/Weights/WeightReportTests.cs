namespace MiniMind.Tests;

public class WeightReportTests
{
    [Fact]
    public void Hundreds_of_differences_are_told_by_kind_and_pattern()
    {
        using var model = new MiniMindLM(new LMConfig { Dim = 16, NLayers = 30, NHeads = 2, NKVHeads = 1, VocabSize = 300, MaxSeqLen = 64 }, seed: 1);
        using var other = new MiniMindLM(model.Config with { NLayers = 31, QKNorm = true, VocabSize = 301 }, seed: 1);
        var folder = Directory.CreateTempSubdirectory("minimind-report-").FullName;
        try
        {
            other.SaveWeights(Path.Combine(folder, "w"));

            var exception = Assert.Throws<WeightMismatchException>(() => model.LoadWeights(Path.Combine(folder, "w")));

            Assert.Equal(
                $"{folder}/w does not fit the model: 271 loaded; "
                + "71 unexpected: layers.*.attention.q_norm.weight [8] (31 times), layers.*.attention.k_norm.weight [8] (31 times), layers.30.attention.wq.weight [16, 16], "
                + "layers.30.attention.wk.weight [8, 16] and 7 more; "
                + "1 of another shape: tok_embeddings.weight: file [301, 16], model [300, 16]. Report has every name.",
                exception.Message);
            Assert.Equal(71, exception.Report.Unexpected.Count);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_message_is_short_whatever_the_names_are()
    {
        string[] names = [.. Enumerable.Range(0, 5000).Select(i => $"{new string('x', 150)}{i} [1]")];

        Assert.InRange(new WeightReport { Loaded = [], Missing = names, Unexpected = names, Mismatched = names }.ToString().Length, 100, 2500);
    }
}
