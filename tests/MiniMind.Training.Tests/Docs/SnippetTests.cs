using System.Net;
using System.Text.RegularExpressions;
using MiniMind.Tests;

namespace MiniMind.Training.Tests.Docs;

/// <summary>Code in the documentation is code that compiles: each block is a region of docs/snippets or of the notebook's sample.</summary>
public sealed partial class SnippetTests
{
    private static readonly string[] Sources = [Path.Combine("docs", "snippets"), Path.Combine("samples", "FromTheNotebook")];
    private static readonly string[] Folders = [Path.Combine("docs", "howto"), Path.Combine("docs", "zh-CN", "howto")];
    private static readonly string[] Pages = [Path.Combine("docs", "from-the-notebook.md"), Path.Combine("docs", "telemetry.md")];

    [Fact]
    public void Every_code_block_of_a_page_is_the_region_that_it_names()
    {
        var regions = Regions();
        var blocks = AllPages().SelectMany(page => BlocksOf(page)).ToList();

        Assert.NotEmpty(blocks);
        Assert.Empty(blocks.Select(b => FaultOf(b, regions)).OfType<string>());
    }

    [Fact]
    public void Every_example_of_a_type_is_the_region_that_it_names()
    {
        var regions = Regions();
        var examples = CodeFiles("src").SelectMany(ExamplesOf).ToList();

        Assert.NotEmpty(examples);
        Assert.Empty(examples.Select(e => FaultOf(e, regions)).OfType<string>());
    }

    [Fact]
    public void Every_region_of_the_snippets_is_shown_somewhere()
    {
        var shown = AllPages().SelectMany(page => BlocksOf(page)).Concat(CodeFiles("src").SelectMany(ExamplesOf)).Select(b => b.Name).ToHashSet();

        Assert.Equal([], Regions().Keys.Except(shown));
    }

    [Fact]
    public void Every_english_page_has_its_chinese_one_with_the_same_code()
    {
        var names = Directory.EnumerateFiles(Path.Combine(Repository.Root, Folders[0]), "*.md").Select(p => Path.GetFileName(p)).Order().ToList();

        Assert.Equal(names, Directory.EnumerateFiles(Path.Combine(Repository.Root, Folders[1]), "*.md").Select(p => Path.GetFileName(p)).Order());
        Assert.All(names, name => Assert.Equal(
            BlocksOf(Path.Combine(Folders[0], name)).Select(b => b.Name), BlocksOf(Path.Combine(Folders[1], name)).Select(b => b.Name)));
    }

    private static string? FaultOf(Block block, Dictionary<string, string> regions) =>
        block.Name is not { } name ? $"{block.Place}: no <!-- snippet: name --> before the code"
        : !regions.TryGetValue(name, out var region) ? $"{block.Place}: there is no region {name}"
        : region == block.Code ? null
        : $"{block.Place}: differs from the region {name}:{Environment.NewLine}{region}";

    private static IEnumerable<string> AllPages() =>
        Folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.md"))
            .Select(path => Path.GetRelativePath(Repository.Root, path)).Concat(Pages);

    private static IEnumerable<string> CodeFiles(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Root, path))
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    private static Dictionary<string, string> Regions() =>
        Sources.SelectMany(CodeFiles).SelectMany(file => Region().Matches(Read(file)))
            .ToDictionary(m => m.Groups["name"].Value, m => Dedent(m.Groups["code"].Value));

    private static List<Block> BlocksOf(string page)
    {
        var lines = Read(page).Split('\n');
        var blocks = new List<Block>();
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].TrimStart().StartsWith("```csharp", StringComparison.Ordinal))
                continue;
            var end = Array.FindIndex(lines, i + 1, l => l.TrimStart() == "```");
            var marker = i > 0 ? Marker().Match(lines[i - 1]) : Match.Empty;
            blocks.Add(new Block($"{page}({i + 1})", NameOf(marker), Dedent(string.Join('\n', lines[(i + 1)..end]))));
        }

        return blocks;
    }

    private static IEnumerable<Block> ExamplesOf(string file) =>
        Example().Matches(Read(file)).Select(m => new Block(
            $"{file}: <example>",
            NameOf(Marker().Match(m.Value)),
            Dedent(WebUtility.HtmlDecode(CommentPrefix().Replace(Code().Match(m.Value).Groups["code"].Value, string.Empty)))));

    private static string? NameOf(Match marker) => marker.Success ? marker.Groups["name"].Value : null;

    /// <summary>Without the indentation that all lines share, and without empty lines around.</summary>
    private static string Dedent(string code)
    {
        var lines = code.Trim('\n').TrimEnd().Split('\n').Select(l => l.TrimEnd()).ToList();
        var indent = lines.Where(l => l.Length > 0).Min(l => l.Length - l.TrimStart().Length);
        return string.Join('\n', lines.Select(l => l.Length > 0 ? l[indent..] : l));
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path)).ReplaceLineEndings("\n");

    [GeneratedRegex(@"^ *#region (?<name>[\w-]+)\n(?<code>.*?)\n *#endregion", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Region();

    [GeneratedRegex(@"<!-- snippet: (?<name>[\w-]+) -->")]
    private static partial Regex Marker();

    [GeneratedRegex(@"<example>.*?</example>", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"<code>\n(?<code>.*?)\n *///\s*</code>", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^ */// ?", RegexOptions.Multiline)]
    private static partial Regex CommentPrefix();

    private sealed record Block(string Place, string? Name, string Code);
}
