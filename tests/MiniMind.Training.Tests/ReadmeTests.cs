using System.Text.RegularExpressions;
using MiniMind.Tests;

namespace MiniMind.Training.Tests;

/// <summary>What the README promises and the compiler does not see.</summary>
public sealed partial class ReadmeTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("README.zh-CN.md")]
    public void The_quick_start_is_the_sample_that_compiles(string readme)
    {
        var code = Read("samples", "QuickStart", "Program.cs");

        Assert.Contains($"```csharp\n{code}```\n", Read(readme), StringComparison.Ordinal);
        Assert.InRange(code.Split('\n').Count(l => l.Length > 0), 10, 19);
    }

    [Fact]
    public void Both_readmes_give_the_same_commands() =>
        Assert.Equal(Commands(Read("README.md")), Commands(Read("README.zh-CN.md")));

    [Fact]
    public void Package_sources_name_no_host() =>
        Assert.DoesNotContain("://", Read("nuget.config").Replace("http://schemas", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);

    private static IEnumerable<string> Commands(string readme) =>
        ShellBlock().Matches(readme).SelectMany(m => m.Groups[1].Value.Split('\n')).Where(l => l.StartsWith("dotnet ", StringComparison.Ordinal))
            .Select(l => l.Split('#')[0].Trim());

    private static string Read(params string[] parts) => File.ReadAllText(Path.Combine([Repository.Root, .. parts]));

    [GeneratedRegex("```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();
}
