using System.Security.Cryptography;
using System.Text;
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

    private static readonly string NoDigest = new('0', 64);

    private static readonly CheckpointState Grown = Valid with
    {
        FormatVersion = 5,
        DatasetCount = 40,
        Growth = [new(0, 24), new(2, 40)],
        RunId = "run",
        Files = new Dictionary<string, FileDigest>(),
    };

    [Fact]
    public void A_state_comes_back_as_it_was() => Assert.Equal(Valid.ToJson(), CheckpointState.FromJson(Valid.ToJson()).ToJson());

    [Fact]
    public void A_state_of_a_data_set_that_grew_comes_back_as_it_was()
    {
        var state = CheckpointState.FromJson(Grown.ToJson());

        Assert.Equal(Grown.ToJson(), state.ToJson());
        Assert.Equal([new DataStretch(0, 24), new DataStretch(2, 40)], state.Stretches);
    }

    [Theory]
    [InlineData("growth", "[]", "the settings are those of no run")]
    [InlineData("growth", "[null]", "expected from_epoch and examples of each of growth")]
    [InlineData("growth", "[{\"from_epoch\": 0, \"examples\": 24}, {\"from_epoch\": 0, \"examples\": 40}]", "expected a later epoch and more examples, or as many on other ranks")]
    [InlineData("growth", "[{\"from_epoch\": 0, \"examples\": 24}, {\"from_epoch\": 3, \"examples\": 40}]", "Growth.FromEpoch is 3; expected at most 2, the next epoch to begin")]
    [InlineData("growth", "[{\"from_epoch\": 0, \"examples\": 16}, {\"from_epoch\": 1, \"examples\": 40}]", "Step is 5; expected 4, as epoch 1 and batch 2 say")]
    [InlineData("growth", "[{\"from_epoch\": 0, \"examples\": 24}, {\"from_epoch\": 2, \"examples\": 41}]", "DatasetCount is 40; expected 41, as growth says")]
    [InlineData("growth", "null", "expected growth from format_version 4 on, and in no earlier one")]
    [InlineData("format_version", "3", "expected growth from format_version 4 on, and in no earlier one")]
    public void Growth_that_no_run_writes_is_refused(string field, string value, string message)
    {
        var exception = Assert.ThrowsAny<JsonException>(() => CheckpointState.FromJson(Changed(Grown, field, value)));
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("adjustments", "null", "expected adjustments from format_version 6 on, and in no earlier one")]
    [InlineData("format_version", "5", "expected adjustments from format_version 6 on, and in no earlier one")]
    [InlineData("adjustments", "{}", "learning_rate_scale")]
    [InlineData("adjustments", "{\"learning_rate_scale\": -1}", "expected a scale, a norm of zero or more and 1 or more micro-batches")]
    [InlineData("adjustments", "{\"learning_rate_scale\": 1, \"gradient_clip\": -0.5}", "expected a scale, a norm of zero or more")]
    [InlineData("adjustments", "{\"learning_rate_scale\": 1, \"accumulation_steps\": 0}", "expected a scale, a norm of zero or more")]
    public void Adjustments_that_no_run_writes_are_refused(string field, string value, string message)
    {
        var adjusted = Grown with { FormatVersion = 6, Adjustments = new() { LearningRateScale = 0.5, GradientClip = 2, AccumulationSteps = 3 } };
        Assert.Equal(adjusted.Adjustments, CheckpointState.FromJson(adjusted.ToJson()).Adjustments);

        var exception = Assert.ThrowsAny<JsonException>(() => CheckpointState.FromJson(Changed(adjusted, field, value)));
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

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

    /// <summary>The text of a state with another value, and with the digest that belongs to that.</summary>
    private static string Changed(CheckpointState state, string field, string value)
    {
        var changed = JsonNode.Parse(state.ToJson())!.AsObject();
        changed[field] = JsonNode.Parse(value);
        changed["state_sha256"] = NoDigest;
        var text = changed.ToJsonString();
        return text.Replace(NoDigest, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))), StringComparison.Ordinal);
    }
}
