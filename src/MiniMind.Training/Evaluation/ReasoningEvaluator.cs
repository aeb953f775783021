using System.Diagnostics;

namespace MiniMind.Training;

/// <summary>Lets a student answer problems and counts what is right.</summary>
/// <remarks>As a callback during training use <see cref="EvaluateReasoning"/>: from outside, a training run's steps may come between two batches of
/// replies.</remarks>
/// <example>
/// <!-- snippet: example-evaluator -->
/// <code>
/// ReasoningProblem[] problems = [new([new ChatTurn("user", "What is 3 + 3?")], answer: "6"), new([new ChatTurn("user", "What is 4 + 4?")], answer: "8")];
/// var evaluator = new ReasoningEvaluator(problems, tokenizer);
/// ReasoningEvaluation evaluation = await evaluator.EvaluateAsync(model);
/// Console.WriteLine($"accuracy {evaluation.Accuracy:P1}, format kept in {evaluation.FormatCompliance:P1}");
/// </code>
/// </example>
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
        (_problems, _tokenizer, _options) = (problems, tokenizer, options with { Generation = options.Generation with { }, Template = options.Template with { } });
        _heldOut = heldOut is null ? null : new HeldOutExamples(heldOut);
    }

    /// <summary>Evaluates a model on the caller's thread. A comparer that waits for something blocks that thread: for such a one use
    /// <see cref="EvaluateAsync"/>.</summary>
    /// <param name="model">The student: a model of TorchSharp, which is left in its mode, or one of MiniMind.Inference.</param>
    /// <param name="progress">Told the number of replies so far; none for no progress.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <returns>The result.</returns>
    /// <exception cref="ArgumentException">A problem does not fit the model's longest sequence; its number is named. Or a loss is to be measured, which only a model of
    /// TorchSharp has.</exception>
    /// <exception cref="ChatTemplateException">The tokenizer has no known chat template.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public ReasoningEvaluation Evaluate(IGenerativeModel model, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        RequireLoss(model);
        var watch = Stopwatch.StartNew();
        using var generator = new TextGenerator(model, _tokenizer);
        var replies = new List<EvaluatedReply>();
        foreach (var batch in Batches(model, generator))
        {
            var texts = Generate(generator, batch, replies.Count, cancellationToken);
            for (var i = 0; i < batch.Length; i++)
                replies.Add(JudgeAsync(batch[i], texts[i], cancellationToken).AsTask().GetAwaiter().GetResult());
            progress?.Report(replies.Count);
        }

        return ReasoningEvaluation.Of(replies, _options.Comparer, _heldOut?.MeanLoss((MiniMindLM)model, cancellationToken), watch.Elapsed);
    }

    /// <summary>Evaluates a model on a thread of its own; the comparer is awaited between the batches.</summary>
    /// <inheritdoc cref="Evaluate"/>
    public async Task<ReasoningEvaluation> EvaluateAsync(IGenerativeModel model, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        RequireLoss(model);
        var watch = Stopwatch.StartNew();
        using var compute = new ComputeThread();
        using var generator = new TextGenerator(model, _tokenizer);
        var replies = new List<EvaluatedReply>();
        foreach (var batch in Batches(model, generator))
        {
            var texts = await compute.RunAsync(() => Generate(generator, batch, replies.Count, cancellationToken)).ConfigureAwait(false);
            var judged = new EvaluatedReply[batch.Length];
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.ConcurrentJudgements, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, batch.Length, parallel, async (i, cancellation) =>
                judged[i] = await JudgeAsync(batch[i], texts[i], cancellation).ConfigureAwait(false)).ConfigureAwait(false);
            replies.AddRange(judged);
            progress?.Report(replies.Count);
        }

        var loss = _heldOut is null ? (double?)null : await compute.RunAsync(() => _heldOut.MeanLoss((MiniMindLM)model, cancellationToken)).ConfigureAwait(false);
        return ReasoningEvaluation.Of(replies, _options.Comparer, loss, watch.Elapsed);
    }

    private void RequireLoss(IGenerativeModel model)
    {
        if (_heldOut is not null && model is not MiniMindLM)
            throw new ArgumentException("the loss of held-out examples is to be measured, and this model only generates; expected a MiniMindLM, or an evaluator without held-out examples", nameof(model));
    }

    /// <summary>All questions to be asked. Prompts of like length share a batch, so that little of it is padding.</summary>
    private IEnumerable<Question[]> Batches(IGenerativeModel model, TextGenerator generator)
    {
        var prompts = _problems.Select(p => generator.EncodePrompt(p.Turns, _options.Template)).ToList();
        var longest = model.Config.MaxSeqLen;
        if (prompts.FindIndex(p => p.Length >= longest) is >= 0 and var index)
            throw new ArgumentException(
                $"problem {index + 1} is a prompt of {prompts[index].Length} tokens; expected at most {longest - 1}, so that one more fits the model (max_seq_len)");
        return prompts.Index().OrderBy(p => p.Item.Length)
            .SelectMany(p => Enumerable.Range(0, _options.Samples).Select(sample => new Question(p.Index, sample, p.Item)))
            .Chunk(_options.BatchSize);
    }

    private IReadOnlyList<GeneratedText> Generate(TextGenerator generator, Question[] batch, int before, CancellationToken cancellationToken)
    {
        // Rows of different batches must not draw the same numbers.
        var options = _options.Generation.Seed is { } seed ? _options.Generation with { Seed = unchecked(seed + (7919 * before)) } : _options.Generation;
        return generator.Generate(Array.ConvertAll(batch, q => q.Prompt), options, cancellationToken);
    }

    private async ValueTask<EvaluatedReply> JudgeAsync(Question question, GeneratedText text, CancellationToken cancellationToken)
    {
        var problem = _problems[question.Problem];
        var reply = ReasoningReply.Parse(text.Opening + text.Text, _options.Format ?? text.Format);
        return new EvaluatedReply
        {
            ProblemIndex = question.Problem,
            Sample = question.Sample,
            Problem = problem,
            Prompt = _tokenizer.Decode(question.Prompt, skipSpecial: false),
            Text = text.Text,
            Reply = reply,
            IsRight = await _options.Comparer.IsRightAsync(problem, reply, cancellationToken).ConfigureAwait(false),
            Tokens = text.Ids.Count,
            ReasoningTokens = _tokenizer.Encode(reply.Reasoning, addSpecialTokens: false).Length,
            FinishReason = text.FinishReason,
            IsTruncated = text.IsTruncated,
        };
    }

    /// <summary>One reply that is to be generated.</summary>
    private sealed record Question(int Problem, int Sample, int[] Prompt);
}
