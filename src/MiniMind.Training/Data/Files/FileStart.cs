namespace MiniMind.Training;

/// <summary>What a file is by its first bytes; its name may say anything.</summary>
internal static class FileStart
{
    /// <summary>How many bytes are looked at: a tar archive tells its name behind the first file's.</summary>
    private const int Length = 512;

    private const int TarMarkAt = 257;

    private static readonly (byte[] Start, string What, string Way)[] Others =
    [
        ([.. "PAR1"u8], "a Parquet file", "write it as JSONL first (samples/PrepareParquet of this project does, or pandas: read_parquet(file).to_json(out, orient=\"records\", lines=True))"),
        ([.. "ARROW1"u8], "an Arrow file", "write it as JSONL first (Dataset.from_file(file).to_json(out) of Python's datasets)"),
        ([0xFF, 0xFF, 0xFF, 0xFF], "an Arrow file as datasets keeps them", "write it as JSONL first (Dataset.from_file(file).to_json(out) of Python's datasets)"),
        ([0x28, 0xB5, 0x2F, 0xFD], "packed with zstd", "unpack it first (zstd -d FILE)"),
        ([.. "PK\u0003\u0004"u8], "a zip archive", "unpack it first (unzip FILE)"),
        ([.. "PK\u0005\u0006"u8], "an empty zip archive", "get the file again"),
        ([0xFD, .. "7zXZ\0"u8], "packed with xz", "unpack it first (xz -d FILE)"),
        ([.. "BZh"u8], "packed with bzip2", "unpack it first (bzip2 -d FILE)"),
        ([0x04, 0x22, 0x4D, 0x18], "packed with lz4", "unpack it first (lz4 -d FILE)"),
        ([.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive", "unpack it first (7z x FILE)"),
        ([.. "Rar!"u8], "a rar archive", "unpack it first (unrar x FILE)"),
        ([0xFF, 0xFE, 0, 0], "text in UTF-32", "write it as UTF-8 (iconv -f UTF-32 -t UTF-8 FILE)"),
        ([0, 0, 0xFE, 0xFF], "text in UTF-32", "write it as UTF-8 (iconv -f UTF-32 -t UTF-8 FILE)"),
        ([0xFF, 0xFE], "text in UTF-16", "write it as UTF-8 (iconv -f UTF-16 -t UTF-8 FILE)"),
        ([0xFE, 0xFF], "text in UTF-16", "write it as UTF-8 (iconv -f UTF-16 -t UTF-8 FILE)"),
        ([.. "{\0"u8], "text in UTF-16", "write it as UTF-8 (iconv -f UTF-16LE -t UTF-8 FILE)"),
        ([.. "\0{"u8], "text in UTF-16", "write it as UTF-8 (iconv -f UTF-16BE -t UTF-8 FILE)"),
        ([.. "[\0"u8], "text in UTF-16", "write it as UTF-8 (iconv -f UTF-16LE -t UTF-8 FILE)"),
        ([.. "\0["u8], "text in UTF-16", "write it as UTF-8 (iconv -f UTF-16BE -t UTF-8 FILE)"),
        ([.. "<!DOCTYPE html"u8], "a web page", "download the file itself, which on Hugging Face stands under /resolve/ and not under /blob/"),
        ([.. "<!doctype html"u8], "a web page", "download the file itself, which on Hugging Face stands under /resolve/ and not under /blob/"),
        ([.. "<html"u8], "a web page", "download the file itself, which on Hugging Face stands under /resolve/ and not under /blob/"),
    ];

    /// <summary>Reads what is looked at; less if there is less.</summary>
    public static byte[] Read(Stream stream)
    {
        var start = new byte[Length];
        return start[..stream.ReadAtLeast(start, Length, throwOnEndOfStream: false)];
    }

    /// <inheritdoc cref="Read"/>
    public static async ValueTask<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var start = new byte[Length];
        return start[..await stream.ReadAtLeastAsync(start, Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false)];
    }

    /// <summary>Whether it is packed with gzip.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> start) => start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 0x08]);

    /// <summary>Whether it is one JSON array.</summary>
    public static bool IsArray(ReadOnlySpan<byte> start) =>
        (start.StartsWith("\uFEFF"u8) ? start[3..] : start).TrimStart(" \t\r\n"u8).StartsWith("["u8);

    /// <summary>What is said of a file of another kind; null if it may hold rows.</summary>
    public static string? Foreign(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith(GitLfsPointer.Start))
            return GitLfsPointer.Problem;
        foreach (var (first, what, way) in Others)
            if (start.StartsWith(first))
                return $"the file is {what}, which is not read; {way}";
        return start.Length >= TarMarkAt + 5 && start[TarMarkAt..].StartsWith("ustar"u8)
            ? "the file is a tar archive, which is not read; unpack it first (tar -xf FILE)"
            : null;
    }
}
