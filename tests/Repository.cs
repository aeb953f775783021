namespace MiniMind.Tests;

/// <summary>The clone that the tests were built in.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "MiniMind.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not inside a clone with MiniMind.sln.");
    }
}
