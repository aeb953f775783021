using System.Diagnostics;
using System.Globalization;

namespace MiniMind.Tests;

/// <summary>Gives damaged inputs to a reader: each is accepted or gets a documented exception, within a second and within bounds of memory.
/// <c>MINIMIND_MUTATIONS=200000</c> raises the number of inputs, which all runs of a kind share.</summary>
internal sealed class MutationRun(int runs, int defaultInputs)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <summary>Bytes that may be allocated for any input: readers of archives have buffers of their own.</summary>
    public long BytesAnInput { get; init; } = 4 << 20;

    /// <summary>Bytes more for each byte of the input: a pickle's byte makes a container of about a hundred.</summary>
    public long BytesAnInputByte { get; init; } = 200;

    public int Inputs { get; } = (int.Parse(Environment.GetEnvironmentVariable("MINIMIND_MUTATIONS") ?? $"{defaultInputs}", CultureInfo.InvariantCulture) + runs - 1) / runs;

    /// <summary>Runs all inputs; some must be accepted and some refused, or the mutations show nothing.</summary>
    /// <param name="next">Makes the next input, by its number.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="documented">Whether the reader's documentation names an exception.</param>
    public void Check(Func<int, Random, byte[]> next, Action<byte[]> read, Func<Exception, bool> documented)
    {
        var random = new Random(20261124);
        var (accepted, longest, largest) = (0, TimeSpan.Zero, 0L);
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = next(i, random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var (isAccepted, elapsed) = Read(bytes, read, documented, i);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            // Another process may have had the processor meanwhile.
            if (elapsed > Longest)
                (_, elapsed) = Read(bytes, read, documented, i);
            Assert.True(elapsed <= Longest, $"input {i} of {bytes.Length} bytes took {elapsed}");
            Assert.True(allocated <= BytesAnInput + (BytesAnInputByte * bytes.Length), $"input {i} of {bytes.Length} bytes allocated {allocated}");
            accepted += isAccepted ? 1 : 0;
            (longest, largest) = (elapsed > longest ? elapsed : longest, Math.Max(largest, allocated));
        }

        Assert.InRange(accepted, 1, Inputs - 1);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Inputs} inputs, {accepted} accepted, longest {longest.TotalMilliseconds:F0} ms, largest allocation {largest / 1024} KiB"));
    }

    private static (bool Accepted, TimeSpan Elapsed) Read(byte[] bytes, Action<byte[]> read, Func<Exception, bool> documented, int number)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            read(bytes);
            return (true, Stopwatch.GetElapsedTime(start));
        }
        catch (Exception e) when (documented(e))
        {
            return (false, Stopwatch.GetElapsedTime(start));
        }
        catch (Exception e) when (e is not Xunit.Sdk.IAssertionException)
        {
            throw new InvalidOperationException($"input {number} got an exception that no document names: {e.GetType().Name}", e);
        }
    }
}
