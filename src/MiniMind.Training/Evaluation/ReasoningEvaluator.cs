using System.Diagnostics;

namespace MiniMind.Training;

/// <summary>Lets a student answer problems and counts what is right.</summary>
/// <remarks>Works on the caller's thread; as a callback during training use <see cref="EvaluateReasoning"/>.</remarks>
public sealed class ReasoningEvaluator
{
    private readonly IReadOnlyList<ReasoningProblem> _problems;
    private readonly MiniMindTokenizer _tokenizer;
    private readonly ReasoningEvaluatorOptions _options;
    private readonly HeldOutExamples? _heldOut;

    /// <summary>Creates an evaluator.</summary>
    /// <param name="problems">The problems, at least one.</param>
    /// <param name="tokenizer">The student's tokenizer.</param>
    /// <param name="options">Settings; none for the defaults.</param>
    /// <param name="heldOut">Examples whose loss is measured too; none for no loss.</param>
    /// <exception cref="ArgumentException">There are no problems.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Settings are wrong; all are named.</exception>
    public ReasoningEvaluator(
        IReadOnlyList<ReasoningProblem> problems,
        MiniMindTokenizer tokenizer,
        ReasoningEvaluatorOptions? options = null,
        IReadOnlyList<SftExample>? heldOut = null)
    {
        ArgumentNullException.ThrowIfNull(problems);
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (problems.Count == 0)
            throw new ArgumentException("there are no problems; expected at least one", nameof(problems));
        options ??= new ReasoningEvaluatorOptions();
        options.Validate();
        (_problems, _tokenizer, _options) = (problems, tokenizer, options with { });
        _heldOut = heldOut is null ? null : new HeldOutExamples(heldOut);
    }

    /// <summary>Evaluates a model.</summary>
    /// <param name="model">The student; left in its mode.</param>
    /// <param name="progress">Told the number of replies so far; none for no progress.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <returns>The result.</returns>
    /// <exception cref="ArgumentException">A problem does not fit the model's longest sequence.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public ReasoningEvaluation Evaluate(MiniMindLM model, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        var watch = Stopwatch.StartNew();
        var replies = Generate(model, progress, cancellationToken);
        var right = new int[_problems.Count];
        var (kept, reasoningTokens, tokens) = (0, 0L, 0L);
        foreach (var (problem, reply) in replies)
        {
            var parsed = reply.Reply;
            right[problem] += _options.Comparer.AreEqual(_problems[problem].Answer, parsed.Answer) ? 1 : 0;
            kept += parsed.KeepsFormat ? 1 : 0;
            reasoningTokens += _tokenizer.Encode(parsed.Reasoning).Length;
            tokens += reply.Ids.Count;
        }

        return new ReasoningEvaluation(
            _problems.Count,
            _options.Samples,
            right.Sum() / (double)replies.Count,
            kept / (double)replies.Count,
            Powers().ToDictionary(k => k, k => right.Average(r => PassAt(_options.Samples, r, k))),
            reasoningTokens / (double)replies.Count,
            tokens / (double)replies.Count,
            watch.Elapsed.TotalSeconds)
        {
            HeldOutLoss = _heldOut?.MeanLoss(model, cancellationToken),
        };
    }

    /// <summary>The unbiased estimate of Chen et al. 2021: 1 − C(n − c, k) / C(n, k).</summary>
    internal static double PassAt(int samples, int right, int k)
    {
        if (samples - right < k)
            return 1;
        var allWrong = 1.0;
        for (var i = samples - right + 1; i <= samples; i++)
            allWrong *= 1 - (k / (double)i);
        return 1 - allWrong;
    }

    private IEnumerable<int> Powers()
    {
        for (var k = 1; k < _options.Samples; k *= 2)
            yield return k;
        yield return _options.Samples;
    }

    private List<(int Problem, GeneratedText Reply)> Generate(MiniMindLM model, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        using var generator = new TextGenerator(model, _tokenizer);
        // Prompts of like length share a batch, so that little of it is padding.
        var prompts = _problems.Select((problem, number) => (Number: number, Ids: generator.EncodePrompt(problem.Turns)))
            .SelectMany(p => Enumerable.Repeat(p, _options.Samples))
            .OrderBy(p => p.Ids.Length)
            .ToList();
        var replies = new List<(int Problem, GeneratedText Reply)>(prompts.Count);
        foreach (var chunk in prompts.Chunk(_options.BatchSize))
        {
            // Rows of different batches must not draw the same numbers.
            var options = _options.Generation.Seed is { } seed ? _options.Generation with { Seed = unchecked(seed + (7919 * replies.Count)) } : _options.Generation;
            var texts = generator.Generate([.. chunk.Select(p => p.Ids)], options, cancellationToken);
            replies.AddRange(chunk.Zip(texts, (p, text) => (p.Number, text)));
            progress?.Report(replies.Count);
        }

        return replies;
    }
}
