using System.Globalization;

namespace MiniMind;

/// <summary>Chooses the next token from logits, in the reference's order: repetition penalty, temperature, then what is cut off (top-k, top-p,
/// min-p, each on the probabilities of all tokens). Plain arithmetic, so that a seed gives the same text on every device.</summary>
internal sealed class TokenSampler(GenerationOptions options, int row)
{
    private readonly Random _random = options.Seed is { } seed ? new Random(unchecked((seed * 31) + row)) : new Random();

    /// <summary>The next token and its log probability.</summary>
    /// <param name="logits">Scores <c>[V]</c>; overwritten.</param>
    /// <param name="history">Tokens that have occurred.</param>
    /// <exception cref="NonFiniteModelException">A score is not a finite number.</exception>
    public (int Id, double LogProbability) Next(Span<float> logits, IReadOnlySet<int> history)
    {
        RequireFinite(logits);
        if (options.Temperature == 0)
        {
            Penalize(logits, history);
            var best = IndexOfLargest(logits);
            return (best, options.LogProbabilities ? LogProbability(logits, best) : 0);
        }

        var kept = Distribution(logits, history);
        var left = _random.NextDouble();
        var chosen = kept[^1].Id;
        foreach (var (id, probability) in kept)
            if ((left -= probability) < 0)
            {
                chosen = id;
                break;
            }

        return (chosen, options.LogProbabilities ? LogProbability(logits, chosen) : 0);
    }

    /// <summary>The tokens that can be sampled and their probabilities, the most likely first. <paramref name="logits"/> are left penalized and
    /// divided by the temperature.</summary>
    public List<(int Id, double Probability)> Distribution(Span<float> logits, IReadOnlySet<int> history)
    {
        Penalize(logits, history);
        foreach (ref var logit in logits)
            logit /= (float)options.Temperature;
        var normalizer = LogSumOfExponentials(logits);
        var (ids, descending, probabilities) = (new int[logits.Length], new float[logits.Length], new double[logits.Length]);
        for (var i = 0; i < ids.Length; i++)
            (ids[i], descending[i], probabilities[i]) = (i, -logits[i], Math.Exp(logits[i] - normalizer));
        Array.Sort(descending, ids);

        var count = options.TopK > 0 ? Math.Min(options.TopK, ids.Length) : ids.Length;
        var least = options.MinP * probabilities[ids[0]];
        var kept = new List<(int Id, double Probability)>();
        var sum = 0.0;
        for (var i = 0; i < count && (i == 0 || (sum <= options.TopP && probabilities[ids[i]] >= least)); i++)
        {
            kept.Add((ids[i], probabilities[ids[i]]));
            sum += probabilities[ids[i]];
        }

        return [.. kept.Select(k => (k.Id, k.Probability / sum))];
    }

    private static void RequireFinite(ReadOnlySpan<float> logits)
    {
        for (var i = 0; i < logits.Length; i++)
            if (!float.IsFinite(logits[i]))
                throw new NonFiniteModelException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The model's score of token {i} is {logits[i]}; expected a finite number. Its weights are damaged, or its training has diverged."));
    }

    private void Penalize(Span<float> logits, IReadOnlySet<int> history)
    {
        if (options.RepetitionPenalty == 1)
            return;
        var penalty = (float)options.RepetitionPenalty;
        foreach (var id in history)
            logits[id] = options.RepetitionPenaltyForm == RepetitionPenaltyForm.Standard && logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty;
    }

    private static double LogProbability(ReadOnlySpan<float> logits, int id) => logits[id] - LogSumOfExponentials(logits);

    private static double LogSumOfExponentials(ReadOnlySpan<float> logits)
    {
        var largest = logits[IndexOfLargest(logits)];
        var sum = 0.0;
        foreach (var logit in logits)
            sum += Math.Exp(logit - largest);
        return largest + Math.Log(sum);
    }

    /// <summary>The first of the largest values.</summary>
    public static int IndexOfLargest(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
            if (values[i] > values[best])
                best = i;
        return best;
    }
}
