namespace MiniMind.Training;

/// <summary>What a data set teaches, as hashes of its examples: tells whether another one begins with the same examples.</summary>
/// <param name="Examples">The hash of each example, in order.</param>
internal sealed record DatasetContent(IReadOnlyList<UInt128> Examples)
{
    /// <summary>SHA-256, in hexadecimal digits, of all examples.</summary>
    public string Sha256 => field ??= ContentHash.Combine(Examples);

    /// <summary>Takes the hashes of a data set; every example is read once for it.</summary>
    /// <returns>None if an example cannot be read: a run that comes to it says so itself, and one that has failed of it is to be saved all the same.</returns>
    public static DatasetContent? TryRead(IReadOnlyList<SftExample> dataset)
    {
#pragma warning disable CA1031 // The application's own list may throw anything.
        try
        {
            return dataset is SftDataset sft ? sft.Measure().Content : new DatasetContent([.. dataset.Select(ContentHash.Of)]);
        }
        catch (Exception)
        {
            return null;
        }
#pragma warning restore CA1031
    }

    /// <summary>SHA-256 of the first examples: what a data set of these alone has.</summary>
    public string Sha256Of(int count) => count == Examples.Count ? Sha256 : ContentHash.Combine(Examples.Take(count));
}
