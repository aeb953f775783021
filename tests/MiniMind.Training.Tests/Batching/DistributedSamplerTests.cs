using MiniMind.Tests;

namespace MiniMind.Training.Tests;

/// <summary>Ranks share the examples as PyTorch's DistributedSampler does: the golden file is written by Golden/ranks/distributed_sampler.py.</summary>
public sealed class DistributedSamplerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Indices_are_those_of_the_golden_file(int batchSize)
    {
        var lines = File.ReadLines(GoldenFiles.Kept("ranks", "distributed_sampler.tsv")).Skip(1).Select(line => line.Split('\t')).ToList();

        Assert.Equal(5 * (2 + 3 + 4) * 2, lines.Count);
        foreach (var line in lines)
        {
            var (size, world, drops, rank) = (int.Parse(line[0]), int.Parse(line[1]), bool.Parse(line[2]), int.Parse(line[3]));
            var expected = line[4].Split(' ').Select(int.Parse).ToList();
            // A DataLoader with drop_last leaves out the batch that is not whole; a rank that has no whole one has no batch, which is refused.
            expected = drops ? [.. expected.Take(expected.Count / batchSize * batchSize)] : expected;
            var options = new EpochSamplerOptions { BatchSize = batchSize, WorldSize = world, Rank = rank, DropLast = drops };
            if (expected.Count == 0)
                Assert.Throws<ArgumentException>(() => new EpochSampler(size, options));
            else
                Assert.Equal(expected, new EpochSampler(size, options).Epoch(0).SelectMany(b => b));
        }
    }
}
