using System.Text;
using CsCheck;

namespace MiniMind.Training.Tests;

public sealed class LineScannerTests
{
    private static readonly string[] Pieces = ["a", "é", "\n", "\r", "\r\n", " "];

    [Fact]
    public void Lines_are_those_of_a_plain_split_however_the_stream_arrives()
    {
        var text = Gen.Int[0, 5].Select(i => Pieces[i]).Array[0, 30].Select(string.Concat);
        Gen.Select(text, Gen.Int[1, 5], Gen.Int[1, 8], Gen.Bool).Sample((body, chunk, limit, mark) =>
        {
            var bytes = Encoding.UTF8.GetBytes((mark ? "\uFEFF" : "") + body);
            var expected = Split(bytes, mark ? 3 : 0).Select(l => l.Length > limit ? $"{l.Offset}+{l.Length}" : $"{l.Offset}:{l.Text}");
            return Scan(bytes, chunk, limit).SequenceEqual(expected);
        });
    }

    [Fact]
    public void A_line_over_the_limit_is_passed_over_in_bounded_memory()
    {
        var scanner = new LineScanner(1000);
        var bytes = new byte[8_000_000];
        bytes[^3] = (byte)'\n';
        var before = GC.GetAllocatedBytesForCurrentThread();
        var lines = ScannedRows.Of(scanner, bytes, line => (line.Offset, line.Length, line.TooLong));
        Assert.Equal([(0, 7_999_997, true), (7_999_998, 2, false)], lines);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500_000);
    }

    private static List<string> Scan(byte[] bytes, int chunk, int limit) => ScannedRows.Of(
        new LineScanner(limit), bytes, line => line.TooLong ? $"{line.Offset}+{line.Length}" : $"{line.Offset}:{Encoding.UTF8.GetString(line.Bytes.Span)}", chunk);

    private static IEnumerable<(int Offset, int Length, string Text)> Split(byte[] bytes, int start)
    {
        while (start < bytes.Length)
        {
            var end = Array.IndexOf(bytes, (byte)'\n', start);
            var stop = end < 0 ? bytes.Length : end > start && bytes[end - 1] == '\r' ? end - 1 : end;
            yield return (start, stop - start, Encoding.UTF8.GetString(bytes, start, stop - start));
            start = end < 0 ? bytes.Length : end + 1;
        }
    }
}
