using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MiniMind.Training.Tests.Architecture;

/// <summary>The folders of the libraries' sources ("rooms"), and which of them uses which, as the compiler sees it.</summary>
internal static class SourceRooms
{
    /// <summary>For each pair of rooms, the types of the second that the first uses.</summary>
    public static SortedDictionary<(string From, string To), SortedSet<string>> FindArrows(IEnumerable<(string Path, string Text)> sources)
    {
        var trees = sources.Select(s => CSharpSyntaxTree.ParseText(s.Text, path: s.Path)).ToList();
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("MiniMind.", StringComparison.Ordinal));
        var usings = CSharpSyntaxTree.ParseText(
            "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; "
            + "global using System.Threading; global using System.Threading.Tasks; global using ComponentNameAttribute = TorchSharp.Utils.ComponentNameAttribute;");
        var compilation = CSharpCompilation.Create(
            "rooms", [.. trees, usings], platform.Select(path => MetadataReference.CreateFromFile(path)), new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        var arrows = new SortedDictionary<(string, string), SortedSet<string>>();
        foreach (var tree in trees)
        {
            var model = compilation.GetSemanticModel(tree);
            foreach (var name in tree.GetRoot().DescendantNodes().OfType<Microsoft.CodeAnalysis.CSharp.Syntax.SimpleNameSyntax>())
                foreach (var type in TypesOf(model.GetSymbolInfo(name).Symbol))
                    if (type.DeclaringSyntaxReferences.FirstOrDefault()?.SyntaxTree.FilePath is { } path && RoomOf(path) != RoomOf(tree.FilePath))
                    {
                        if (!arrows.TryGetValue((RoomOf(tree.FilePath), RoomOf(path)), out var used))
                            arrows[(RoomOf(tree.FilePath), RoomOf(path))] = used = [];
                        used.Add(type.Name);
                    }
        }

        return arrows;
    }

    /// <summary>The source files of a folder of the repository.</summary>
    public static IEnumerable<(string Path, string Text)> Read(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(file => (Path: Path.GetRelativePath(folder, file).Replace('\\', '/'), File: file))
            .Where(f => !f.Path.Split('/').Any(part => part is "bin" or "obj" or "buildTransitive"))
            .Select(f => (f.Path, File.ReadAllText(f.File)));

    private static string RoomOf(string path) => path[..path.LastIndexOf('/')];

    /// <summary>The outermost types that a use of a symbol depends on.</summary>
    private static IEnumerable<INamedTypeSymbol> TypesOf(ISymbol? symbol)
    {
        var type = symbol as INamedTypeSymbol ?? symbol?.ContainingType;
        while (type?.ContainingType is { } outer)
            type = outer;
        return type is null ? [] : [type.OriginalDefinition];
    }
}
