using System.Runtime.ExceptionServices;

namespace MiniMind.Training;

/// <summary>Tokenizes every row of a source once, on all cores, and keeps the lengths only.</summary>
internal static class RowMeter
{
    /// <summary>Measures all rows; the fault thrown is that of the first bad row, whichever thread met its own first.</summary>
    public static DatasetMeasurement Measure(RowSource rows, CancellationToken cancellationToken)
    {
        var sizes = new RowSize[rows.Count];
        ReadAll(rows, 0, rows.Count, (i, row) => sizes[i] = RowSize.Measure(row), cancellationToken);
        return Sum(sizes);
    }

    /// <summary>Reads a range of rows on all cores; the fault thrown is that of the first bad row.</summary>
    public static void ReadAll(RowSource rows, int start, int count, Action<int, TokenRow> use, CancellationToken cancellationToken)
    {
        Run(rows, start, count, use, _ => false, cancellationToken);
    }

    /// <summary>Measures all rows, reports those that are left out and answers with the indexes of the others; the fault thrown is that of the first
    /// row that the policies do not leave out.</summary>
    public static (DatasetMeasurement Measurement, int[] Good) MeasureGood(RowSource rows, SkipLog log, CancellationToken cancellationToken)
    {
        var sizes = new RowSize[rows.Count];
        var faults = Run(rows, 0, rows.Count, (i, row) => sizes[i] = RowSize.Measure(row), log.Skips, cancellationToken);
        foreach (var fault in faults.Values)
            log.Add(fault);
        int[] good = [.. Enumerable.Range(0, rows.Count).Where(i => !faults.ContainsKey(i))];
        return (Sum([.. good.Select(i => sizes[i])]), good);
    }

    private static SortedList<int, DatasetException> Run(
        RowSource rows, int start, int count, Action<int, TokenRow> use, Func<DatasetException, bool> skips, CancellationToken cancellationToken)
    {
        var faults = new SortedList<int, DatasetException>();
        try
        {
            Parallel.For(start, start + count, new ParallelOptions { CancellationToken = cancellationToken }, (i, loop) =>
            {
                try
                {
                    use(i, rows.Read(i));
                }
                catch (DatasetException e)
                {
                    lock (faults)
                        faults.Add(i, e);
                    // Break, unlike Stop, still runs every earlier row.
                    if (!skips(e))
                        loop.Break();
                }
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }
        if (faults.Values.FirstOrDefault(fault => !skips(fault)) is { } first)
            ExceptionDispatchInfo.Throw(first);
        return faults;
    }

    private static DatasetMeasurement Sum(RowSize[] sizes) => new()
    {
        Lengths = [.. sizes.Select(s => s.Length)],
        TokenCount = sizes.Sum(s => (long)s.Length),
        SupervisedTokenCount = sizes.Sum(s => (long)s.Supervised),
        TruncatedCount = sizes.Count(s => s.Cut != RowCut.None),
        LostClosingTagCount = sizes.Count(s => s.Cut == RowCut.ClosingTag),
        Content = new DatasetContent([.. sizes.Select(s => s.Content)]),
    };

    private readonly record struct RowSize(int Length, int Supervised, RowCut Cut, UInt128 Content)
    {
        public static RowSize Measure(TokenRow row) => new(row.Ids.Length - 1, row.Supervised, row.Cut, ContentHash.Of(row));
    }
}
