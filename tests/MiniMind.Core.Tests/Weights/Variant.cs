using System.Text.Json;
using static TorchSharp.torch;

namespace MiniMind.Tests;

/// <summary>A model directory of <c>Golden/variants</c>.</summary>
internal static class Variant
{
    public static string Directory(string caseName) => GoldenFiles.Kept("variants", caseName);

    public static JsonDocument ReadCase(string caseName) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Directory(caseName), "case.json")));

    /// <summary>Ids <c>[B, T]</c>, the positions whose logits are kept, and these <c>[B, P, V]</c>.</summary>
    public static IEnumerable<(Tensor Ids, long[] Positions, Tensor Logits)> Logits(string caseName)
    {
        using var golden = ReadCase(caseName);
        foreach (var prefix in (string[])["", "long_"])
            if (golden.RootElement.TryGetProperty(prefix + "ids", out var ids))
            {
                var rows = ids.Deserialize<long[][]>()!;
                var values = golden.RootElement.GetProperty(prefix + "logits").Deserialize<float[][][]>()!;
                yield return (
                    tensor(rows.SelectMany(r => r).ToArray(), [rows.Length, rows[0].Length]),
                    golden.RootElement.GetProperty(prefix + "positions").Deserialize<long[]>()!,
                    tensor(values.SelectMany(r => r).SelectMany(p => p).ToArray(), [values.Length, values[0].Length, values[0][0].Length]));
            }
    }

    public static Tensor LogitsAt(MiniMindLM model, Tensor ids, long[] positions)
    {
        using var noGrad = no_grad();
        return model.forward(ids).Logits.index_select(1, tensor(positions));
    }
}
