namespace MiniMind.Extensions.AI.Tests;

public class MinHashTests
{
    [Theory]
    [InlineData(0.8)]
    [InlineData(0.5)]
    [InlineData(0.95)]
    public void Texts_at_the_threshold_nearly_always_share_a_key(double threshold)
    {
        var random = new Random(3);
        var minHash = new MinHash(128, threshold);
        const int size = 200, trials = 400;
        // a + b of n passages in common of 2n - s in all.
        var common = (int)Math.Ceiling(2 * size * threshold / (1 + threshold));
        var shared = 0;
        for (var i = 0; i < trials; i++)
        {
            ulong Next() => WordStream.Mix((ulong)random.NextInt64());
            ulong[] both = [.. Enumerable.Range(0, common).Select(_ => Next())];
            var (a, b) = (minHash.Keys([.. both, .. Enumerable.Range(0, size - common).Select(_ => Next())]), minHash.Keys([.. Enumerable.Range(0, size - common).Select(_ => Next()), .. both]));
            shared += a.Zip(b).Any(k => k.First == k.Second) ? 1 : 0;
        }

        Assert.True(shared >= 0.98 * trials, $"{shared} of {trials} with {minHash.Bands} bands of {minHash.Rows}");
    }
}
