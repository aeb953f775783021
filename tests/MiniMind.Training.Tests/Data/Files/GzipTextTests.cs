using System.IO.Compression;
using System.Text;

namespace MiniMind.Training.Tests;

public class GzipTextTests
{
    private static readonly string Rows = string.Join('\n', Enumerable.Range(0, 40).Select(i => TestChat.Line($"what is {i} and {i}?", $"{i + i}")));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void Text_comes_out_as_it_went_in(int chunk)
    {
        var text = new byte[200_000];
        new Random(1).NextBytes(text);
        using var unpacked = new GzipText(new MemoryStream(Pack(text)));
        using var found = new MemoryStream();
        var buffer = new byte[chunk];
        while (unpacked.Read(buffer) is > 0 and var count)
            found.Write(buffer, 0, count);

        Assert.Equal(text, found.ToArray());
    }

    [Fact]
    public void Several_members_are_one_text()
    {
        using var unpacked = new GzipText(new MemoryStream([.. Pack("one "u8), .. Pack(""u8), .. Pack("two"u8)]));
        using var reader = new StreamReader(unpacked);

        Assert.Equal("one two", reader.ReadToEnd());
    }

    [Fact]
    public void Data_cut_off_at_any_byte_is_refused()
    {
        var packed = Pack(Encoding.UTF8.GetBytes(Rows));
        for (var length = 10; length < packed.Length; length++)
        {
            var stream = new MemoryStream(packed[..length]);
            Assert.Throws<InvalidDataException>(() =>
            {
                using var unpacked = new GzipText(stream);
                unpacked.CopyTo(Stream.Null);
            });
        }
    }

    [Fact]
    public void A_file_that_is_cut_off_damaged_or_followed_by_something_else_is_named()
    {
        var packed = Pack(Encoding.UTF8.GetBytes(Rows));
        foreach (var bytes in (byte[][])[packed[..^9], [.. packed, .. "more"u8], [.. packed[..60], (byte)(packed[60] ^ 0x55), .. packed[61..]]])
        {
            using var file = new TemporaryFile(bytes);
            var problem = $"{file.Name}: the file is packed with gzip and damaged, cut off, or followed by something else; expected a whole file (gzip -t FILE tests it)";

            Assert.Equal(problem, Assert.Throws<DatasetException>(() => new ConversationReader().Read(file.Name).Count()).Message);
            Assert.Equal(problem, Assert.Throws<DatasetException>(() => TestChat.Open(file.Name)).Message);
        }
    }

    [Fact]
    public async Task A_packed_file_is_read_as_its_text_is()
    {
        using var plain = new TemporaryFile(Rows);
        using var packed = new TemporaryFile(Pack(Encoding.UTF8.GetBytes(Rows)));
        using var array = new TemporaryFile(Pack(Encoding.UTF8.GetBytes($"[{Rows.Replace('\n', ',')}]")));
        using var expected = TestChat.Open(plain.Name);
        using var found = TestChat.Open(packed.Name);
        using var elements = TestChat.Open(array.Name);

        Assert.Equal(40, expected.Count);
        Assert.Equal(expected.Select(e => e.InputIds), found.Select(e => e.InputIds));
        Assert.Equal(expected.Select(e => e.InputIds), elements.Select(e => e.InputIds));
        var turns = new ConversationReader().Read(plain.Name).SelectMany(c => c.Turns).ToList();
        Assert.Equal(turns, (await new ConversationReader().ReadAsync(packed.Name, Cancel).ToListAsync(Cancel)).SelectMany(c => c.Turns));
        Assert.Equal(turns, (await new ConversationReader().ReadAsync(array.Name, Cancel).ToListAsync(Cancel)).SelectMany(c => c.Turns));
    }

    [Fact]
    public void A_fault_in_a_packed_file_has_its_line()
    {
        using var file = new TemporaryFile(Pack(Encoding.UTF8.GetBytes(Rows + "\n{}")));

        Assert.StartsWith($"{file.Name}(41): no question is there", Assert.Throws<DatasetException>(() => TestChat.Open(file.Name)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_packed_twice_and_a_foreign_kind_within_are_named()
    {
        using var twice = new TemporaryFile(Pack(Pack("{}"u8)));
        using var parquet = new TemporaryFile(Pack("PAR1 and more"u8));

        Assert.Contains("is packed with gzip twice; unpack it once", Assert.Throws<DatasetException>(() => TestChat.Open(twice.Name)).Message, StringComparison.Ordinal);
        Assert.Contains("the file is a Parquet file", Assert.Throws<DatasetException>(() => TestChat.Open(parquet.Name)).Message, StringComparison.Ordinal);
    }

    internal static byte[] Pack(ReadOnlySpan<byte> text)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            stream.Write(text);
        return packed.ToArray();
    }
}
