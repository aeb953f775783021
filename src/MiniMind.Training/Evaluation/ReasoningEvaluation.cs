using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MiniMind.Training;

/// <summary>How well a student reasons.</summary>
/// <param name="Problems">Number of problems.</param>
/// <param name="Samples">Replies to each.</param>
/// <param name="Accuracy">Part of the replies whose answer is the expected one.</param>
/// <param name="FormatCompliance">Part of the replies that are <c>&lt;think&gt;…&lt;/think&gt;</c>, a line break,
/// <c>&lt;answer&gt;…&lt;/answer&gt;</c>.</param>
/// <param name="PassAt">k → probability that at least one of k replies is right (Chen et al. 2021, unbiased), for k = 1, 2, 4, … and the number of
/// samples.</param>
/// <param name="MeanReasoningTokens">Mean number of tokens between the think tags.</param>
/// <param name="MeanReplyTokens">Mean number of tokens of a reply.</param>
/// <param name="Seconds">Time it took.</param>
public sealed record ReasoningEvaluation(
    int Problems,
    int Samples,
    double Accuracy,
    double FormatCompliance,
    IReadOnlyDictionary<int, double> PassAt,
    double MeanReasoningTokens,
    double MeanReplyTokens,
    double Seconds)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Mean cross-entropy of the held-out replies' supervised tokens, where it was measured.</summary>
    public double? HeldOutLoss { get; init; }

    /// <summary>The exponential of <see cref="HeldOutLoss"/>.</summary>
    public double? Perplexity => HeldOutLoss is { } loss ? Math.Exp(loss) : null;

    /// <summary>Writes the result as JSON.</summary>
    /// <param name="path">The file; it is replaced as a whole.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, Json));
    }

    /// <summary>The result as a table of two columns.</summary>
    /// <returns>One line a figure.</returns>
    public string ToTable()
    {
        var table = new StringBuilder();
        void Row(string name, string value) => table.Append(name.PadRight(24)).Append(value).Append('\n');
        string Percent(double value) => (100 * value).ToString("F1", CultureInfo.InvariantCulture) + " %";
        string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
        Row("problems", Number(Problems));
        Row("accuracy", Percent(Accuracy));
        Row("format compliance", Percent(FormatCompliance));
        foreach (var (k, value) in PassAt.Where(p => p.Key > 1))
            Row($"pass@{Number(k)}", Percent(value));
        Row("reasoning tokens, mean", Number(MeanReasoningTokens));
        Row("reply tokens, mean", Number(MeanReplyTokens));
        if (HeldOutLoss is { } loss)
            Row("held-out loss", $"{Number(loss)} (perplexity {Number(Math.Exp(loss))})");
        Row("seconds", Number(Seconds));
        return table.ToString();
    }
}
