using System.Security.Cryptography;

namespace MiniMind.Training;

/// <summary>What a file of a checkpoint must be.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">SHA-256 of its content in hexadecimal digits.</param>
internal sealed record FileDigest(long Bytes, string Sha256)
{
    public static FileDigest Of(string path)
    {
        using var file = RegularFile.OpenStream(path, problem => new IOException($"{path}: {problem}."));
        return new FileDigest(file.Length, Convert.ToHexStringLower(SHA256.HashData(file)));
    }
}
