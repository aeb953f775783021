using System.Runtime.ExceptionServices;

namespace MiniMind.Training;

/// <summary>Tokenizes every row of a source once, on all cores, and keeps the lengths only.</summary>
internal static class RowMeter
{
    /// <summary>Measures all rows; the fault thrown is that of the first bad row, whichever thread met its own first.</summary>
    public static DatasetMeasurement Measure(RowSource rows, CancellationToken cancellationToken)
    {
        var sizes = new RowSize[rows.Count];
        var faults = Run(rows, sizes, stopAtFault: true, cancellationToken);
        if (faults.Count > 0)
            ExceptionDispatchInfo.Throw(faults.Values.First());
        return Sum(sizes);
    }

    /// <summary>Measures all rows, reports the bad ones and answers with the indexes of the good.</summary>
    public static (DatasetMeasurement Measurement, int[] Good) MeasureGood(RowSource rows, SkipLog log, CancellationToken cancellationToken)
    {
        var sizes = new RowSize[rows.Count];
        var faults = Run(rows, sizes, stopAtFault: false, cancellationToken);
        foreach (var fault in faults.Values)
            log.Add(fault);
        int[] good = [.. Enumerable.Range(0, rows.Count).Where(i => !faults.ContainsKey(i))];
        return (Sum([.. good.Select(i => sizes[i])]), good);
    }

    private static SortedList<int, DatasetException> Run(
        RowSource rows, RowSize[] sizes, bool stopAtFault, CancellationToken cancellationToken)
    {
        var faults = new SortedList<int, DatasetException>();
        try
        {
            Parallel.For(0, rows.Count, new ParallelOptions { CancellationToken = cancellationToken }, (i, loop) =>
            {
                try
                {
                    var row = rows.Read(i);
                    sizes[i] = new RowSize(row.Ids.Length - 1, row.Supervised, row.Truncated);
                }
                catch (DatasetException e)
                {
                    lock (faults)
                        faults.Add(i, e);
                    // Break, unlike Stop, still runs every earlier row.
                    if (stopAtFault)
                        loop.Break();
                }
            });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }
        return faults;
    }

    private static DatasetMeasurement Sum(RowSize[] sizes) => new()
    {
        Lengths = [.. sizes.Select(s => s.Length)],
        TokenCount = sizes.Sum(s => (long)s.Length),
        SupervisedTokenCount = sizes.Sum(s => (long)s.Supervised),
        TruncatedCount = sizes.Count(s => s.Truncated),
    };

    private readonly record struct RowSize(int Length, int Supervised, bool Truncated);
}
