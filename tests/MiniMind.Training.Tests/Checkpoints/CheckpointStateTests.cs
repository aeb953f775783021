using System.Text.Json;
using System.Text.Json.Nodes;

namespace MiniMind.Training.Tests;

public class CheckpointStateTests
{
    /// <summary>Of the last version without digests, so that what is changed below is judged for what it says.</summary>
    private static readonly CheckpointState Valid = new()
    {
        FormatVersion = CheckpointState.FirstWithDescription - 1,
        Epoch = 1,
        Batch = 2,
        Step = 5,
        OptimizerSteps = 5,
        LossScale = 1,
        LossScaleGoodSteps = 0,
        LossScaleSkippedSteps = 0,
        DatasetCount = 24,
        Options = TinyRun.Options(8) with { Epochs = 2 },
    };

    [Fact]
    public void A_state_comes_back_as_it_was() => Assert.Equal(Valid.ToJson(), CheckpointState.FromJson(Valid.ToJson()).ToJson());

    /// <summary>Each was taken before, or was an exception that nobody had announced.</summary>
    [Theory]
    [InlineData("format_version", "\"1\"", "expected an object with a whole number format_version")]
    [InlineData("format_version", "[1, 2]", "expected an object with a whole number format_version")]
    [InlineData("format_version", "1.5", "expected an object with a whole number format_version")]
    [InlineData("epoch", "\"1\"", "$.epoch")]
    [InlineData("step", "{}", "$.step")]
    [InlineData("options", "null", "options")]
    [InlineData("options", "[]", "$.options")]
    [InlineData("epoch", "-16777216", "Epoch is -16777216; expected 0 to 2, the run's epochs")]
    [InlineData("epoch", "3", "Epoch is 3; expected 0 to 2, the run's epochs")]
    [InlineData("batch", "65538", "Batch is 65538; expected 0 to 3, the batches of an epoch; Step is 5; expected 65541")]
    [InlineData("step", "4", "Step is 4; expected 5, as epoch 1 and batch 2 say")]
    [InlineData("optimizer_steps", "2147483647", "OptimizerSteps is 2147483647; expected 0 to the number of steps")]
    [InlineData("optimizer_steps", "-1", "OptimizerSteps is -1")]
    [InlineData("loss_scale", "0", "LossScale is 0; expected a positive number")]
    [InlineData("loss_scale", "-1e308", "LossScale is -1E+308; expected a positive number")]
    [InlineData("dataset_count", "0", "DatasetCount is 0; expected 1 or more")]
    [InlineData("fp32_library", "77", "Fp32Library is 77")]
    public void What_no_run_writes_is_refused(string field, string value, string message)
    {
        var state = JsonNode.Parse(Valid.ToJson())!.AsObject();
        Assert.True(state.ContainsKey(field));
        state[field] = JsonNode.Parse(value);
        state.Remove("state_sha256");

        Assert.Contains(message, Assert.ThrowsAny<JsonException>(() => CheckpointState.FromJson(state.ToJsonString())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_no_run_has_are_refused_by_name()
    {
        var state = JsonNode.Parse(Valid.ToJson())!;
        state["options"]!["sampling"]!["batch_size"] = 0;
        state.AsObject().Remove("state_sha256");

        Assert.Contains("BatchSize is 0; expected", Assert.Throws<JsonException>(() => CheckpointState.FromJson(state.ToJsonString())).Message, StringComparison.Ordinal);
    }
}
