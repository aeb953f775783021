namespace MiniMind.Tests;

/// <summary>Finds the large reference files kept beside the repository (<c>../shared</c>); a clone elsewhere has none and skips.</summary>
internal static class SharedFiles
{
    private static readonly string? Root = FindRoot();

    /// <summary>The absolute path of a file or folder under <c>../shared</c>; skips the calling test where it is missing.</summary>
    public static string Require(params string[] parts)
    {
        Assert.SkipWhen(Root is null, "needs ../shared (reference data), which this clone does not have");
        var path = Path.Combine([Root!, .. parts]);
        Assert.SkipUnless(File.Exists(path) || Directory.Exists(path), $"needs ../shared/{string.Join('/', parts)}");
        return path;
    }

    private static string? FindRoot()
    {
        var shared = Path.Combine(Path.GetDirectoryName(Repository.Root) ?? "/", "shared");
        return Directory.Exists(Path.Combine(shared, "golden")) ? shared : null;
    }
}
