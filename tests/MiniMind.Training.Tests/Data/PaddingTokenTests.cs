using System.Text.Json.Nodes;
using MiniMind.Tests;

namespace MiniMind.Training.Tests;

public sealed class PaddingTokenTests : IDisposable
{
    private static readonly Conversation[] Conversations = [new([new("user", "a"), new("assistant", "b")]), new([new("user", "a"), new("assistant", "b b b b b b")])];

    private readonly string _directory = Directory.CreateTempSubdirectory("minimind-padding-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_tokenizer_without_a_padding_token_pads_with_its_end_token_which_stays_a_label()
    {
        var tokenizer = Without("pad_token");
        Assert.Null(tokenizer.PadTokenId);
        using var dataset = SftDataset.FromConversations(Conversations, tokenizer);

        Assert.Equal(tokenizer.EosTokenId, dataset.PadTokenId);
        var example = dataset[0];
        var end = Array.LastIndexOf(example.LossMask, (byte)1);
        Assert.Contains(Enumerable.Range(0, end + 1), t => example.LossMask[t] == 1 && example.Labels[t] == tokenizer.EosTokenId);
        var batch = new BatchCollator(dataset.PadTokenId).Collate([dataset[0], dataset[1]]);
        Assert.Equal(dataset[0].LossMask.Sum(m => m) + dataset[1].LossMask.Sum(m => m), batch.SupervisedTokens);
    }

    [Fact]
    public void An_option_names_the_padding_token()
    {
        using var dataset = SftDataset.FromConversations(Conversations, Without("pad_token"), new SftDatasetOptions { PadTokenId = 7 });

        Assert.Equal(7, dataset.PadTokenId);
        Assert.Contains(
            "PadTokenId is 4000; expected an id of the tokenizer",
            Assert.Throws<ArgumentException>(() => SftDataset.FromConversations(Conversations, Without("pad_token"), new SftDatasetOptions { PadTokenId = 4000 })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Without_padding_and_end_token_the_way_out_is_named() => Assert.Contains(
        "neither a padding token nor an end token; expected one in its configuration, or SftDatasetOptions.PadTokenId",
        Assert.Throws<ArgumentException>(() => SftDataset.FromConversations(Conversations, Without("pad_token", "eos_token"))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void The_shared_case_makes_a_dataset()
    {
        var tokenizer = MiniMindTokenizer.FromDirectory(SharedFiles.Require("cases", "formats", "31-no-pad-token", "04_pad_null"));
        using var dataset = SftDataset.FromConversations(Conversations, tokenizer);

        Assert.Equal(tokenizer.EosTokenId, dataset.PadTokenId);
    }

    private MiniMindTokenizer Without(params string[] roles)
    {
        new BpeTrainer(new BpeTrainerOptions { VocabSize = 300 }).Train(["a b"], TestContext.Current.CancellationToken).Save(_directory);
        var path = Path.Combine(_directory, MiniMindTokenizer.SettingsFileName);
        var root = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        foreach (var role in roles)
            root.Remove(role);
        File.WriteAllText(path, root.ToJsonString());
        return MiniMindTokenizer.FromDirectory(_directory);
    }
}
