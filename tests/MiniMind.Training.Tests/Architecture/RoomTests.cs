using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using MiniMind.Tests;

namespace MiniMind.Training.Tests.Architecture;

/// <summary>docs/architecture.md, "Rooms": folders by concept, with arrows one way.</summary>
public partial class RoomTests
{
    private static readonly Lazy<SortedDictionary<(string From, string To), SortedSet<string>>> Arrows = new(() => SourceRooms.FindArrows(SourceRooms.Read(Sources())));

    [Fact]
    public void No_two_folders_use_each_other()
    {
        var arrows = Arrows.Value;

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', arrows.Select(a => $"{a.Key.From} -> {a.Key.To}: {string.Join(", ", a.Value)}")));
        Assert.True(arrows.Count > 60, $"only {arrows.Count} arrows were found");
        Assert.Contains(("MiniMind.Training/Trainer", "MiniMind.Training/Steps"), arrows.Keys);
        Assert.Empty(TwoWay(arrows));
    }

    [Fact]
    public void No_folder_is_reached_again_from_what_it_uses()
    {
        var left = Arrows.Value.Keys.ToHashSet();
        // What nothing points to any more cannot be part of a circle.
        while (left.RemoveWhere(arrow => left.All(other => other.To != arrow.From)) > 0)
        {
        }

        Assert.Empty(left);
    }

    [Fact]
    public void A_new_two_way_arrow_is_found()
    {
        (string, string)[] sources =
        [
            ("A/One.cs", "namespace N; class One { Two? two; string three = nameof(Three); }"),
            ("B/Two.cs", "namespace N; class Two { int one = One.Count; } enum Kind { One }"),
            ("C/Three.cs", "namespace N; class Three { int One => 1; }"),
        ];

        Assert.Equal(["A <-> B"], TwoWay(SourceRooms.FindArrows([.. sources, ("A/Rest.cs", "namespace N; partial class Rest { } ")])));
    }

    [Fact]
    public void No_source_file_lies_at_a_packages_root()
    {
        Assert.DoesNotContain(SourceRooms.Read(Sources()), source => source.Path.Count(c => c == '/') < 2);
    }

    /// <summary>docs/architecture.md lists what of MiniMind.Core's inside MiniMind.Training uses; every addition is a decision.</summary>
    [Fact]
    public void Training_uses_of_Cores_inside_what_the_document_lists()
    {
        var document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));
        var section = InternalsSection().Match(document);
        Assert.True(section.Success, "docs/architecture.md has no table of Core's internals that Training uses");
        var listed = InternalName().Matches(section.Value).Select(m => m.Groups[1].Value).ToHashSet();

        using var file = File.OpenRead(typeof(ReasonDistillTrainer).Assembly.Location);
        using var image = new PEReader(file);
        var reader = image.GetMetadataReader();
        var inner = new[] { typeof(MiniMindLM).Assembly, typeof(LMConfig).Assembly }.ToDictionary(a => a.GetName().Name!);
        var used = reader.TypeReferences.Select(reader.GetTypeReference)
            .Where(t => t.ResolutionScope.Kind == HandleKind.AssemblyReference
                && inner.ContainsKey(reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)t.ResolutionScope).Name)))
            .Select(t => inner[reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)t.ResolutionScope).Name)]
                .GetType($"{reader.GetString(t.Namespace)}.{reader.GetString(t.Name)}", throwOnError: true)!)
            .Where(t => !t.IsPublic)
            .Select(t => t.Name.Split('`')[0])
            .ToHashSet();

        Assert.Equal(string.Join('\n', used.Order(StringComparer.Ordinal)), string.Join('\n', listed.Order(StringComparer.Ordinal)));
    }

    private static string Sources() => Path.Combine(Repository.Root, "src");

    private static List<string> TwoWay(SortedDictionary<(string From, string To), SortedSet<string>> arrows) =>
        [.. arrows.Keys.Where(a => string.CompareOrdinal(a.From, a.To) < 0 && arrows.ContainsKey((a.To, a.From))).Select(a => $"{a.From} <-> {a.To}")];

    [GeneratedRegex(@"## What Training uses of Core's inside\n.*?(?=\n## )", RegexOptions.Singleline)]
    private static partial Regex InternalsSection();

    [GeneratedRegex(@"^\| `(\w+)`", RegexOptions.Multiline)]
    private static partial Regex InternalName();
}
