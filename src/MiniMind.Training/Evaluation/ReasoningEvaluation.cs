using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MiniMind.Training;

/// <summary>How well a student reasons.</summary>
public sealed class ReasoningEvaluation
{
    internal ReasoningEvaluation()
    {
    }

    /// <summary>Number of problems.</summary>
    public required int Problems { get; init; }

    /// <summary>Replies to each.</summary>
    public required int Samples { get; init; }

    /// <summary>Part of the replies that the comparer found right.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Wilson's interval of <see cref="Accuracy"/>. Replies to one problem are not independent, so it counts problems, not replies; with several
    /// replies it is wider than need be, never narrower.</summary>
    public required ConfidenceInterval AccuracyInterval { get; init; }

    /// <summary>Part of the replies that keep the format.</summary>
    public required double FormatCompliance { get; init; }

    /// <summary>Wilson's interval of <see cref="FormatCompliance"/>, counted as that of <see cref="Accuracy"/>.</summary>
    public required ConfidenceInterval FormatInterval { get; init; }

    /// <summary>Part of the replies that were cut off by the most tokens allowed or by the model's longest sequence.</summary>
    public required double TruncatedShare { get; init; }

    /// <summary>k → probability that at least one of k replies is right (Chen et al. 2021, unbiased), for k = 1, 2, 4, … and the number of
    /// samples.</summary>
    public required IReadOnlyDictionary<int, double> PassAt { get; init; }

    /// <summary>maj@k: part of the problems whose most frequent answer, among all <see cref="Samples"/> replies, is right (self-consistency, Wang et al. 2022).
    /// Right replies are votes for the expected answer, wrong ones are told apart by the comparer, empty answers do not vote; a tie counts as the
    /// share of right ones among the most frequent. With one sample the accuracy.</summary>
    public required double MajorityAccuracy { get; init; }

    /// <summary>Mean number of tokens between the think tags.</summary>
    public required double MeanReasoningTokens { get; init; }

    /// <summary>Mean number of tokens of a reply.</summary>
    public required double MeanReplyTokens { get; init; }

    /// <summary>Time it took.</summary>
    public required double Seconds { get; init; }

    /// <summary>Mean cross-entropy of the held-out replies' supervised tokens, where it was measured.</summary>
    public double? HeldOutLoss { get; init; }

    /// <summary>The exponential of <see cref="HeldOutLoss"/>.</summary>
    public double? Perplexity => HeldOutLoss is { } loss ? Math.Exp(loss) : null;

    /// <summary>The accuracy of each category of problems, in the order of their first problems; none if no problem has a category. Counted from
    /// <see cref="Replies"/> each time.</summary>
    public IReadOnlyList<EvaluatedCategory> Categories => EvaluatedCategory.Of(Outcomes);

    /// <summary>What came of each problem, in order: which the student solves, and how often. Gathered from <see cref="Replies"/> each time.</summary>
    [JsonIgnore]
    public IReadOnlyList<EvaluatedProblem> Outcomes => EvaluatedProblem.Gather(Replies);

    /// <summary>Every reply, those to the first problem first.</summary>
    [JsonIgnore]
    public IReadOnlyList<EvaluatedReply> Replies { get; init; } = [];

    /// <summary>Writes the figures as JSON, without <see cref="Outcomes"/> and <see cref="Replies"/>.</summary>
    /// <param name="path">The file; it is replaced as a whole.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, EvaluationJson.Document.ReasoningEvaluation));
    }

    /// <summary>Writes <see cref="Replies"/> as JSONL, one reply a line.</summary>
    /// <param name="path">The file; it is replaced as a whole.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveReplies(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, stream =>
        {
            foreach (var reply in Replies)
            {
                JsonSerializer.Serialize(stream, reply, EvaluationJson.Lines.EvaluatedReply);
                stream.Write("\n"u8);
            }
        });
    }

    /// <summary>The result as a table of two columns.</summary>
    /// <returns>One line a figure.</returns>
    public string ToTable()
    {
        var table = new StringBuilder();
        List<(string Name, EvaluatedCategory Of)> categories =
            [.. Categories.Select(c => (c.Name is null ? "accuracy, no category" : $"accuracy, {MessageText.Printable(c.Name)}", c))];
        var width = categories.Select(c => c.Name.Length + 2).Append(24).Max();
        void Row(string name, string value) => table.Append(name.PadRight(width)).Append(value).Append('\n');
        string Percent(double value) => (100 * value).ToString("F1", CultureInfo.InvariantCulture) + " %";
        string Between(ConfidenceInterval interval) => $" ({Percent(interval.Low)} to {Percent(interval.High)})";
        string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
        Row("problems", Number(Problems));
        Row("accuracy", Percent(Accuracy) + Between(AccuracyInterval));
        foreach (var (name, category) in categories)
            Row(name, $"{Percent(category.Accuracy)}{Between(category.AccuracyInterval)} of {Number(category.Problems)}");
        Row("format compliance", Percent(FormatCompliance) + Between(FormatInterval));
        Row("truncated", Percent(TruncatedShare));
        foreach (var (k, value) in PassAt.Where(p => p.Key > 1))
            Row($"pass@{Number(k)}", Percent(value));
        if (Samples > 1)
            Row($"maj@{Number(Samples)}", Percent(MajorityAccuracy));
        Row("reasoning tokens, mean", Number(MeanReasoningTokens));
        Row("reply tokens, mean", Number(MeanReplyTokens));
        if (HeldOutLoss is { } loss)
            Row("held-out loss", $"{Number(loss)} (perplexity {Number(Math.Exp(loss))})");
        Row("seconds", Number(Seconds));
        return table.ToString();
    }

    /// <summary>Counts what a student replied.</summary>
    /// <param name="replies">As many to each problem, in any order.</param>
    /// <param name="comparer">Tells which answers are the same vote.</param>
    /// <param name="heldOutLoss">Where it was measured.</param>
    /// <param name="elapsed">Time it took.</param>
    internal static ReasoningEvaluation Of(IEnumerable<EvaluatedReply> replies, IAnswerComparer comparer, double? heldOutLoss, TimeSpan elapsed)
    {
        List<EvaluatedReply> all = [.. replies.OrderBy(r => r.ProblemIndex).ThenBy(r => r.Sample)];
        var outcomes = EvaluatedProblem.Gather(all);
        var samples = outcomes[0].Replies.Count;
        double Share(Func<EvaluatedReply, bool> counts) => all.Count(counts) / (double)all.Count;
        var (accuracy, format) = (Share(r => r.IsRight), Share(r => r.Reply.FollowsFormat));
        return new ReasoningEvaluation
        {
            Problems = outcomes.Count,
            Samples = samples,
            Accuracy = accuracy,
            AccuracyInterval = ConfidenceInterval.Wilson(accuracy, outcomes.Count),
            FormatCompliance = format,
            FormatInterval = ConfidenceInterval.Wilson(format, outcomes.Count),
            TruncatedShare = Share(r => r.IsTruncated),
            PassAt = PowersOfTwo(samples).ToDictionary(k => k, k => outcomes.Average(p => PassAtK(samples, p.Replies.Count(r => r.IsRight), k))),
            MajorityAccuracy = outcomes.Average(p => MajorityVote.Accuracy(p.Replies, comparer)),
            MeanReasoningTokens = all.Average(r => r.ReasoningTokens),
            MeanReplyTokens = all.Average(r => r.Tokens),
            HeldOutLoss = heldOutLoss,
            Seconds = elapsed.TotalSeconds,
            Replies = all.AsReadOnly(),
        };
    }

    /// <summary>The unbiased estimate of Chen et al. 2021: 1 − C(n − c, k) / C(n, k).</summary>
    internal static double PassAtK(int samples, int right, int k)
    {
        if (samples - right < k)
            return 1;
        var allWrong = 1.0;
        for (var i = samples - right + 1; i <= samples; i++)
            allWrong *= 1 - (k / (double)i);
        return 1 - allWrong;
    }

    private static IEnumerable<int> PowersOfTwo(int last)
    {
        for (var k = 1; k < last; k *= 2)
            yield return k;
        yield return last;
    }
}
