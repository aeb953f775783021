using System.Text.Json;
using MiniMind.Tests;
using static TorchSharp.torch;

namespace MiniMind.Training.Tests;

/// <summary>The reference's batches and loss as our types.</summary>
internal static class ReferenceRun
{
    public static WeightedTagLoss Loss(JsonElement goldenCase) =>
        WeightedTagLoss.FromTagIds(goldenCase.GetProperty("tag_ids").EnumerateArray().Select(id => new[] { id.GetInt32() }).ToList());

    public static Batch ReadBatch(SafeTensorsFile forward, bool packs = false)
    {
        int[] Row(string name, int row)
        {
            using var values = forward.Read(name);
            return [.. values[row].data<long>().Select(v => (int)v)];
        }

        return new BatchCollator(0, packs: packs).Collate([.. Enumerable.Range(0, 2).Select(row =>
            new SftExample(Row("X", row), Row("Y", row), Array.ConvertAll(Row("loss_mask", row), v => (byte)v)))]);
    }

    /// <summary>One step's gradients, of every parameter, are the reference's.</summary>
    public static void AssertGradients(string caseName, ReasonDistillOptions options)
    {
        using var scope = NewDisposeScope();
        using var model = Reference.LoadModel(caseName);
        using var golden = Reference.ReadCase(caseName);
        using var forward = SafeTensorsFile.Open(GoldenFiles.Find(caseName, "forward.safetensors"));
        using var gradients = SafeTensorsFile.Open(GoldenFiles.Find(caseName, "gradients.safetensors"));
        var batch = ReadBatch(forward, options.Loading.PackSequences);
        var loss = Loss(golden.RootElement);
        // A group that is dropped keeps its gradients; a second micro-batch of the group would halve the first one's share.
        options.AccumulationSteps = 2;
        options.DropIncompleteAccumulation = true;
        using var step = new TrainingStep(model, loss, options, CPU);

        var microBatch = MicroBatch.Create(batch, loss.SelectTargets(batch), options.Rounding, model.Config.MaxSeqLen, model.StatesDependOnPrefixOnly(CPU));
        step.Run(new AccumulationGroup(default, default, [microBatch], [0], options));

        Assert.True(step.State.HasLeftoverGradients);
        foreach (var (name, gradient) in step.State.Parameters.Split(step.State.Parameters.Gradients))
            TensorAssert.Close(gradients.Read(name), gradient * 2, 1e-5, name);
    }

    public static List<SftExample> ReadExamples(JsonElement trajectory)
    {
        static int[] Ids(JsonElement row) => [.. row.EnumerateArray().Select(v => v.GetInt32())];
        return
        [
            .. trajectory.GetProperty("batches").EnumerateArray().SelectMany(b => b.GetProperty("X").EnumerateArray()
                .Zip(b.GetProperty("Y").EnumerateArray(), b.GetProperty("loss_mask").EnumerateArray())
                .Select(row => new SftExample(Ids(row.First), Ids(row.Second), Array.ConvertAll(Ids(row.Third), v => (byte)v)))),
        ];
    }
}
