using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MiniMind.Training;

/// <summary>What a rank was started with, as sentences with a value each, so that two ranks can be told apart in words.</summary>
internal sealed record RunFingerprint(IReadOnlyList<RunFingerprint.Entry> Entries)
{
    /// <summary>Options that ranks need not have alike, because the trainer sets them, or no number and no order of calls depends on them; and one that is written only
    /// where it is set, which has an entry of its own.</summary>
    private static readonly string[] OwnOptions =
        ["Sampling.Rank", "Sampling.WorldSize", "Loading.Workers", "Loading.QueueSize", "Device", "Sampling.balances_tokens"];

    /// <summary>One sentence.</summary>
    /// <param name="Sentence">With <c>{0}</c> in the place of the value, without its full stop.</param>
    /// <param name="Value">The value.</param>
    internal sealed record Entry(string Sentence, string Value)
    {
        public override string ToString() => Sentence.Replace("{0}", Value, StringComparison.Ordinal);
    }

    /// <summary>The fingerprint of a run that has not begun.</summary>
    public static RunFingerprint Of(RunDescription run, LMConfig model, TorchSharp.DeviceType device)
    {
        var entries = new List<Entry>
        {
            new("MiniMind.Training has version {0}", VersionOf(typeof(RunFingerprint))),
            new("TorchSharp has version {0}", VersionOf(typeof(TorchSharp.torch))),
            new(".NET has version {0}", Environment.Version.ToString()),
        };
        entries.AddRange(Flatten(JsonSerializer.SerializeToNode(model, LMConfigJson.Default.LMConfig)!, string.Empty).Select(p => new Entry($"the model's {p.Name} is {{0}}", p.Value)));
        entries.Add(new("the dataset has {0} examples", run.DatasetCount.ToString("N0", CultureInfo.InvariantCulture)));
        entries.Add(new("the tokenizer's SHA-256 is {0}", run.TokenizerSha256 ?? "not known"));
        entries.Add(new("the SHA-256 of the examples is {0}", run.Content?.Sha256 ?? "not known, because they cannot all be read"));
        entries.AddRange(Flatten(JsonSerializer.SerializeToNode(run.Options, RanksJson.Default.ReasonDistillOptions)!, string.Empty)
            .Where(p => !OwnOptions.Contains(p.Name)).Select(p => new Entry($"{p.Name} is {{0}}", p.Value)));
        entries.Add(new("WeightsCheckInterval is {0}", run.Options.WeightsCheckInterval.ToString(CultureInfo.InvariantCulture)));
        entries.Add(new("Sampling.BalanceTokens is {0}", run.Options.Sampling.BalanceTokens.ToString()));
        entries.Add(new("the device is {0}", device.ToString()));
        entries.Add(new("TorchRuntime.Fp32Library is {0}", TorchRuntime.Fp32Library.ToString()));
        entries.Add(new("the loss is {0}", run.Loss.Description ?? run.Loss.GetType().Name));
        entries.Add(new("the loss reports the components {0}", run.Loss.ComponentNames.Count == 0 ? "none" : string.Join(", ", run.Loss.ComponentNames)));
        entries.Add(new("the run has {0} steps", run.TotalSteps.ToString("N0", CultureInfo.InvariantCulture)));
        entries.AddRange(ScheduleSample.Take(run.Schedule, run.TotalSteps).Rates.Select((rate, i) => new Entry(
            $"the learning rate of step {(ScheduleSample.StepAt(i, run.TotalSteps) + 1).ToString("N0", CultureInfo.InvariantCulture)} is {{0}}",
            rate?.ToString("R", CultureInfo.InvariantCulture) ?? "not a finite number")));
        return new RunFingerprint(entries);
    }

    public static RunFingerprint FromJson(string json) => new(JsonSerializer.Deserialize(json, RanksJson.Default.IReadOnlyListEntry)!);

    public string ToJson() => JsonSerializer.Serialize(Entries, RanksJson.Default.IReadOnlyListEntry);

    /// <summary>The first thing in which a rank differs from rank 0, in words, or none.</summary>
    public string? DifferenceFrom(RunFingerprint first, int rank)
    {
        for (var i = 0; i < Math.Max(Entries.Count, first.Entries.Count); i++)
        {
            var (mine, other) = (Entries.ElementAtOrDefault(i), first.Entries.ElementAtOrDefault(i));
            if (mine != other)
                return mine?.Sentence == other?.Sentence ? $"rank {rank}: {mine}; rank 0 has {other!.Value}" : $"rank {rank}: {mine?.ToString() ?? "nothing"}; of rank 0, {other?.ToString() ?? "nothing"}";
        }

        return null;
    }

    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? type.Assembly.GetName().Version?.ToString() ?? "unknown";

    private static IEnumerable<(string Name, string Value)> Flatten(JsonNode node, string prefix)
    {
        foreach (var (name, value) in node.AsObject())
        {
            if (value is JsonObject)
                foreach (var inner in Flatten(value, $"{prefix}{name}."))
                    yield return inner;
            else
                yield return ($"{prefix}{name}", value?.ToString() ?? "null");
        }
    }
}
