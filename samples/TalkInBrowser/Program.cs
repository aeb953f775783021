// A student in a web page, computed in the browser:
//   dotnet publish -c Release samples/TalkInBrowser -o out/page
//   cp -r out/reason-distill out/page/wwwroot/student
// and serve out/page/wwwroot with any web server. main.js fetches the student's files and calls what is exported here; run.mjs does the same with Node.js.
using System.Runtime.InteropServices.JavaScript;
using System.Runtime.Versioning;
using MiniMind.Inference;

[assembly: SupportedOSPlatform("browser")]

namespace MiniMind.Samples.TalkInBrowser;

/// <summary>The page's student. Browsers give .NET one thread, on which all of this runs.</summary>
internal static partial class Student
{
    private const string Folder = "/student";

    private static readonly List<ChatTurn> Turns = [];

    private static TextGenerator? _generator;

    public static void Main()
    {
    }

    /// <summary>Keeps a file of the student for <see cref="Load"/>.</summary>
    [JSExport]
    internal static void AddFile(string name, byte[] content)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllBytes(Path.Combine(Folder, Path.GetFileName(name)), content);
    }

    /// <summary>Loads the student.</summary>
    /// <returns>What it is, for the page.</returns>
    [JSExport]
    internal static string Load()
    {
        var model = InferenceModel.Load(Folder, new InferenceOptions { Threads = 1, UseMemoryMapping = false });
        _generator = new TextGenerator(model, MiniMindTokenizer.FromDirectory(Folder));
        return $"{model.Config.Dim} x {model.Config.NLayers}, weights in {model.Weights}, vectors of {model.Vectors}";
    }

    /// <summary>Answers, with what was said before in mind.</summary>
    [JSExport]
    internal static string Reply(string question)
    {
        var generator = _generator ?? throw new InvalidOperationException("the student is not loaded; call Load first");
        Turns.Add(new ChatTurn("user", question));
        var reply = generator.Generate([generator.EncodePrompt(Turns)], new GenerationOptions { MaxNewTokens = 256 })[0].Text;
        Turns.Add(new ChatTurn("assistant", reply));
        return reply;
    }
}
