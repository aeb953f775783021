using System.Text.Json;

namespace MiniMind.Tests;

/// <summary>The reference's model of a golden case.</summary>
internal static class Reference
{
    public static JsonDocument ReadCase(string caseName) => JsonDocument.Parse(File.ReadAllText(GoldenFiles.Find(caseName, "case.json")));

    public static MiniMindLM LoadModel(string caseName)
    {
        using var golden = ReadCase(caseName);
        var model = new MiniMindLM(LMConfig.FromJson(golden.RootElement.GetProperty("config").GetRawText()), seed: 0);
        model.LoadWeights(GoldenFiles.Find(caseName, "weights.safetensors"));
        return model;
    }
}
