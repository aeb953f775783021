using System.Text;

namespace MiniMind.Training.Tests;

public class FileStartTests
{
    public static TheoryData<byte[], string> Others => new()
    {
        { Bytes("PAR1", 0x15, 0x04), "a Parquet file, which is not read; write it as JSONL first" },
        { Bytes("ARROW1", 0, 0), "an Arrow file, which is not read; write it as JSONL first" },
        { [0xFF, 0xFF, 0xFF, 0xFF, 0x10], "an Arrow file as datasets keeps them, which is not read" },
        { [0x28, 0xB5, 0x2F, 0xFD, 0x04], "packed with zstd, which is not read; unpack it first (zstd -d FILE)" },
        { [0xFD, .. "7zXZ\0"u8], "packed with xz, which is not read; unpack it first (xz -d FILE)" },
        { Bytes("BZh91AY"), "packed with bzip2, which is not read; unpack it first (bzip2 -d FILE)" },
        { [0x04, 0x22, 0x4D, 0x18], "packed with lz4, which is not read" },
        { Bytes("PK", 3, 4), "a zip archive, which is not read; unpack it first (unzip FILE)" },
        { [.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive, which is not read" },
        { Bytes("Rar!", 0x1A, 7), "a rar archive, which is not read" },
        { [.. new byte[257], .. "ustar\0"u8, .. new byte[300]], "a tar archive, which is not read; unpack it first (tar -xf FILE)" },
        { Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("{}")).ToArray(), "text in UTF-16, which is not read; write it as UTF-8" },
        { Encoding.BigEndianUnicode.GetPreamble().Concat(Encoding.BigEndianUnicode.GetBytes("{}")).ToArray(), "text in UTF-16, which is not read" },
        { Encoding.Unicode.GetBytes("{}"), "text in UTF-16, which is not read" },
        { Encoding.BigEndianUnicode.GetBytes("{}"), "text in UTF-16, which is not read" },
        { Encoding.UTF32.GetPreamble().Concat(Encoding.UTF32.GetBytes("{}")).ToArray(), "text in UTF-32, which is not read" },
        { Encoding.Unicode.GetBytes("[{}]"), "text in UTF-16, which is not read" },
        { Encoding.BigEndianUnicode.GetBytes("[{}]"), "text in UTF-16, which is not read" },
        { Bytes("<!DOCTYPE html><html>"), "a web page, which is not read; download the file itself" },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public async Task A_file_of_another_kind_is_named_with_the_way_out(byte[] bytes, string problem)
    {
        using var file = new TemporaryFile(bytes);
        var message = $"{file.Name}: the file is {problem}";

        Assert.StartsWith(message, Assert.Throws<DatasetException>(() => TestChat.Open(file.Name)).Message, StringComparison.Ordinal);
        Assert.StartsWith(message, Assert.Throws<DatasetException>(() => new ConversationReader().Read(file.Name).Count()).Message, StringComparison.Ordinal);
        var fault = await Assert.ThrowsAsync<DatasetException>(
            async () => await new ConversationReader().ReadAsync(file.Name, TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pointer_of_git_lfs_is_named()
    {
        using var file = new TemporaryFile("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n");

        Assert.Contains("git lfs pull", Assert.Throws<DatasetException>(() => TestChat.Open(file.Name)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_say_nothing()
    {
        using var packed = new TemporaryFile(GzipTextTests.Pack(Encoding.UTF8.GetBytes(TestChat.Line("q", "a"))));
        var plain = packed.Name + ".gz";
        File.WriteAllText(plain, TestChat.Line("q", "a"));
        try
        {
            Assert.Single(new ConversationReader().Read(packed.Name));
            Assert.Single(new ConversationReader().Read(plain));
        }
        finally
        {
            File.Delete(plain);
        }
    }

    private static byte[] Bytes(string text, params byte[] more) => [.. Encoding.ASCII.GetBytes(text), .. more];
}
