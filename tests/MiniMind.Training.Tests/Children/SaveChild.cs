using TorchSharp;

namespace MiniMind.Training.Tests.Children;

/// <summary>Saves two models over each other without end, for a driver that kills it, and looks at what that left.</summary>
internal static class SaveChild
{
    /// <param name="folder">The model directory.</param>
    /// <param name="kind"><c>single</c>, <c>sharded</c>, or these with <c>-notes</c> for a directory that holds another file too, and with
    /// <c>-once</c> to end after one save.</param>
    public static int Save(string folder, string kind)
    {
        var options = new ModelSaveOptions { MaxShardBytes = kind.StartsWith("sharded", StringComparison.Ordinal) ? 500_000 : 5_000_000_000 };
        MiniMindLM[] models = [Model(1), Model(2)];
        models[0].SaveModel(folder, options);
        if (kind.Contains("-notes", StringComparison.Ordinal))
            File.WriteAllText(Path.Combine(folder, "notes.txt"), "mine");
        Console.WriteLine("READY");
        for (var i = 1; !kind.EndsWith("-once", StringComparison.Ordinal); i++)
            models[i % 2].SaveModel(folder, options);
        return 0;
    }

    /// <summary>Prints which model it is, by configuration and by weights, or what is wrong with it.</summary>
    public static int Check(string folder)
    {
        try
        {
            using var loaded = ModelWeights.LoadModel(folder);
            var values = loaded.parameters().Select(p => p.mean().item<float>()).Select(v => MathF.Round(v)).Distinct().ToList();
            Console.WriteLine(values is [var value] ? $"theta {loaded.Config.RopeTheta} weights {value}" : $"MIXED {string.Join(' ', values)}");
        }
        catch (Exception e) when (e is IOException or MiniMindException)
        {
            Console.WriteLine($"UNLOADABLE {e.Message}");
        }

        return 0;
    }

    /// <summary>All weights are the number, and so is the configuration's rotary base; shapes are the same.</summary>
    private static MiniMindLM Model(int number)
    {
        var model = new MiniMindLM(new() { Dim = 128, NLayers = 4, NHeads = 4, VocabSize = 2000, MaxSeqLen = 64, RopeTheta = number * 1000 }, seed: number);
        using var noGrad = torch.no_grad();
        foreach (var parameter in model.parameters())
            parameter.fill_(number);
        return model;
    }
}
