namespace MiniMind.Tests;

/// <summary>Figures of the reference implementation: the dense case is kept in the repository, the mixture-of-experts cases beside it.</summary>
internal static class GoldenFiles
{
    public static string Find(string caseName, string file) =>
        caseName == "dense" ? Kept("dense", file) : SharedFiles.Require("golden", caseName, file);

    public static string Kept(params string[] parts) => Path.Combine([AppContext.BaseDirectory, "Golden", .. parts]);
}
