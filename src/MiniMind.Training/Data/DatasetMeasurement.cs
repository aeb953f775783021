namespace MiniMind.Training;

/// <summary>What tokenizing every example of a dataset showed.</summary>
public sealed class DatasetMeasurement
{
    internal DatasetMeasurement()
    {
    }

    /// <summary>T of each example, in order: what length bucketing needs.</summary>
    public required IReadOnlyList<int> Lengths { get; init; }

    /// <summary>The sum of <see cref="Lengths"/>: positions an epoch computes, without padding between rows.</summary>
    public required long TokenCount { get; init; }

    /// <summary>The positions an epoch learns from.</summary>
    public required long SupervisedTokenCount { get; init; }

    /// <summary>The examples that lost tokens to <see cref="SftDatasetOptions.MaxLength"/>; 0 unless <see cref="SftDatasetOptions.Truncation"/> is
    /// <see cref="TruncationPolicy.Cut"/>.</summary>
    public required int TruncatedCount { get; init; }

    /// <summary>Of these, the examples whose lost part holds a <c>&lt;/think&gt;</c> or <c>&lt;/answer&gt;</c>: they teach reasoning or an answer without its
    /// end.</summary>
    public int LostClosingTagCount { get; init; }

    /// <summary>SHA-256, in hexadecimal digits, of all examples' ids, labels and masks in order: the same for the same examples, wherever they come from.</summary>
    public string ContentHash { get; init; } = string.Empty;

    /// <summary>What <see cref="ContentHash"/> is the hash of.</summary>
    internal DatasetContent Content
    {
        get;
        init => (field, ContentHash) = (value, value.Sha256);
    } = new([]);
}
