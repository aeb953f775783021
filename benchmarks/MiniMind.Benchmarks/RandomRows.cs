using MiniMind.Training;

namespace MiniMind.Benchmarks;

/// <summary>Examples of random tokens, every one of them supervised.</summary>
internal static class RandomRows
{
    /// <summary>Rows of lengths in equal shares from the shortest to the longest.</summary>
    public static List<SftExample> Create(LMConfig config, int count, int shortest, int longest)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var length = shortest == longest ? longest : random.Next(shortest, longest + 1);
            int[] ids = [.. Enumerable.Range(0, length + 1).Select(_ => random.Next(config.VocabSize))];
            return new SftExample(ids[..^1], ids[1..], [.. Enumerable.Repeat((byte)1, length)]);
        })];
    }
}
