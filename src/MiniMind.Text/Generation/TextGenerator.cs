using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace MiniMind;

/// <summary>Lets a model speak: prompts of different lengths in one batch, a key/value cache, greedy or sampled.</summary>
/// <remarks>Everything runs as in evaluation mode, whatever mode the model is in. The synchronous members compute on the caller's thread, the asynchronous
/// ones on a thread of the generator's own. While a trainer's run is on, both wait for a moment between two of its steps and compute on its thread,
/// which makes the run wait for the text. One call at a time.</remarks>
/// <example>
/// <!-- snippet: example-generator -->
/// <code>
/// using var generator = new TextGenerator(model, tokenizer);
/// GeneratedText reply = await generator.ReplyAsync([new ChatTurn("user", "What is 3 + 3?")], new GenerationOptions { MaxNewTokens = 128 });
/// Console.WriteLine(ReasoningReply.Parse(reply.Text).Answer);
/// </code>
/// </example>
public sealed class TextGenerator : IDisposable
{
    /// <summary>Name of the <see cref="System.Diagnostics.ActivitySource"/> and the <see cref="System.Diagnostics.Metrics.Meter"/> of generated texts.</summary>
    public const string TelemetryName = "MiniMind.Generation";

    /// <summary>Finished rows leave a session when no more than this share of it goes on.</summary>
    private const double ShareThatIsKept = 0.75;

    private readonly IGenerativeModel _model;
    private readonly MiniMindTokenizer _tokenizer;
    private readonly Lazy<ComputeThread> _compute = new(() => new ComputeThread());

    /// <summary>Creates a generator; the model and the tokenizer stay the caller's.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <exception cref="ArgumentException">The tokenizer has more tokens than the model.</exception>
    public TextGenerator(IGenerativeModel model, MiniMindTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (tokenizer.VocabSize > model.Config.VocabSize)
            throw new ArgumentException($"the tokenizer has {tokenizer.VocabSize} tokens, the model {model.Config.VocabSize}; expected at most as many", nameof(tokenizer));
        (_model, _tokenizer) = (model, tokenizer);
    }

    /// <summary>Continues prompts, many in one batch; what each gives does not depend on the others.</summary>
    /// <param name="prompts">Token ids of each prompt.</param>
    /// <param name="options">How; none for greedy.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <returns>One text for each prompt, in order.</returns>
    /// <exception cref="ArgumentException">There is no prompt, one is empty, leaves no room for a token or holds an id the model does not have,
    /// or a stop token is not in the vocabulary.</exception>
    /// <exception cref="OptionsValidationException">The options hold values out of range; all are named.</exception>
    /// <exception cref="NonFiniteModelException">The model's scores are not finite numbers.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public IReadOnlyList<GeneratedText> Generate(
        IReadOnlyList<int[]> prompts, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var rows = CreateRows(prompts, options ?? new GenerationOptions());
        return GenerateRows(prompts, rows, _ => { }, cancellationToken);
    }

    /// <summary>Continues prompts on a thread of the generator's own, many in one batch; what each gives does not depend on the others.</summary>
    /// <param name="prompts">Token ids of each prompt.</param>
    /// <param name="options">How; none for greedy.</param>
    /// <param name="progress">Told the number of finished texts each time that one ends; none for no progress.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <inheritdoc cref="Generate" path="/returns"/>
    /// <inheritdoc cref="Generate" path="/exception"/>
    public Task<IReadOnlyList<GeneratedText>> GenerateAsync(
        IReadOnlyList<int[]> prompts, GenerationOptions? options = null, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        var rows = CreateRows(prompts, options ?? new GenerationOptions());
        var finished = 0;
        return _compute.Value.RunAsync(() => GenerateRows(prompts, rows, _ => { }, cancellationToken, () => progress?.Report(++finished)));
    }

    /// <summary>Answers a conversation.</summary>
    /// <param name="turns">The turns, the last of them the user's.</param>
    /// <param name="options">How; none for greedy.</param>
    /// <param name="template">Thinking, reasoning of earlier turns, and whether what the turns say is text only, as it is by default
    /// (<see cref="ChatTemplateOptions.ContentAsPlainText"/>); the generation prompt is always added.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <returns>The assistant's turn.</returns>
    /// <inheritdoc cref="Generate" path="/exception"/>
    /// <inheritdoc cref="EncodePrompt" path="/exception"/>
    public async Task<GeneratedText> ReplyAsync(
        IReadOnlyList<ChatTurn> turns,
        GenerationOptions? options = null,
        ChatTemplateOptions? template = null,
        CancellationToken cancellationToken = default)
    {
        var prompt = EncodePrompt(turns, template);
        return await _compute.Value.RunAsync(() => Generate([prompt], options, cancellationToken)[0]).ConfigureAwait(false);
    }

    /// <summary>Answers a conversation piece by piece; the pieces, joined, are the text that <see cref="ReplyAsync"/> gives.</summary>
    /// <inheritdoc cref="ReplyAsync"/>
    /// <returns>Pieces of whole characters.</returns>
    public async IAsyncEnumerable<string> StreamAsync(
        IReadOnlyList<ChatTurn> turns,
        GenerationOptions? options = null,
        ChatTemplateOptions? template = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        int[][] prompts = [EncodePrompt(turns, template)];
        var rows = CreateRows(prompts, options ?? new GenerationOptions());
        var pieces = Channel.CreateUnbounded<string>(new() { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reply = _compute.Value.RunAsync(() =>
        {
            try
            {
                return GenerateRows(prompts, rows, piece => pieces.Writer.TryWrite(piece), stop.Token);
            }
            finally
            {
                pieces.Writer.Complete();
            }
        });
        try
        {
            await foreach (var piece in pieces.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                yield return piece;
            await reply.ConfigureAwait(false);
        }
        finally
        {
            // Whoever stops reading stops the work too.
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)reply).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Continues one prompt on the generator's thread and hands its pieces on as they come, from that thread.</summary>
    internal Task<GeneratedText> ContinueAsync(int[] prompt, GenerationOptions options, Action<string> onPiece, CancellationToken cancellationToken)
    {
        var rows = CreateRows([prompt], options);
        return _compute.Value.RunAsync(() => GenerateRows([prompt], rows, onPiece, cancellationToken)[0]);
    }

    /// <summary>The prompt that opens the assistant's turn of a conversation.</summary>
    /// <param name="turns">The turns.</param>
    /// <param name="template">Thinking, reasoning of earlier turns, and whether what the turns say is text only, as it is by default
    /// (<see cref="ChatTemplateOptions.ContentAsPlainText"/>); the generation prompt is always added.</param>
    /// <returns>Token ids.</returns>
    /// <exception cref="ChatTemplateException">The tokenizer has no known chat template, or the conversation cannot be written without losing or confusing
    /// something.</exception>
    public int[] EncodePrompt(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions? template = null) =>
        _tokenizer.EncodeChat(turns, (template ?? new ChatTemplateOptions()) with { AddGenerationPrompt = true });

    /// <summary>Ends the generator's thread.</summary>
    public void Dispose()
    {
        if (_compute.IsValueCreated)
            _compute.Value.Dispose();
    }

    /// <summary>Generates on the thread that the model's weights do not change on; of a single row, the pieces of text are handed on as they come.</summary>
    private IReadOnlyList<GeneratedText> GenerateRows(
        IReadOnlyList<int[]> prompts, GeneratedRow[] rows, Action<string> onPiece, CancellationToken cancellationToken, Action? onFinished = null) =>
        _model.Use<IReadOnlyList<GeneratedText>>(() =>
        {
            using var telemetry = GenerationTelemetry.Begin(prompts, rows[0].Options);
            try
            {
                return GenerateParts(prompts, rows, onPiece, onFinished, telemetry, cancellationToken);
            }
            catch (Exception e)
            {
                telemetry?.Failed(e);
                throw;
            }
        });

    private IReadOnlyList<GeneratedText> GenerateParts(
        IReadOnlyList<int[]> prompts, GeneratedRow[] rows, Action<string> onPiece, Action? onFinished, GenerationTelemetry? telemetry, CancellationToken cancellationToken)
    {
        // Prompts of like length share a session, so that little of it is padding.
        var order = Enumerable.Range(0, rows.Length).OrderBy(i => prompts[i].Length);
        foreach (var part in order.Chunk(Math.Min(_model.MostSequences, rows.Length)))
            GenerateSession([.. part.Select(i => prompts[i])], [.. part.Select(i => rows[i])], onPiece, onFinished, telemetry, cancellationToken);
        IReadOnlyList<GeneratedText> texts = [.. rows.Select(r => r.ToResult())];
        telemetry?.Done(texts);
        return texts;
    }

    private void GenerateSession(
        int[][] prompts, GeneratedRow[] rows, Action<string> onPiece, Action? onFinished, GenerationTelemetry? telemetry, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var session = _model.BeginSession(prompts);
        var tokens = new int[rows.Length];
        var scores_BV = session.Prefill(prompts);
        while (true)
        {
            var (unfinished, vocabulary) = (0, scores_BV.Length / rows.Length);
            for (var b = 0; b < rows.Length; b++)
            {
                if (rows[b].Ended is null)
                {
                    if (rows[b].Add(scores_BV.Slice(b * vocabulary, _tokenizer.VocabSize)) is { Length: > 0 } piece)
                        onPiece(piece);
                    if (rows[b].Ended is null)
                        unfinished++;
                    else
                        onFinished?.Invoke();
                }

                tokens[b] = rows[b].LastToken;
            }

            telemetry?.TokenDone();
            if (unfinished == 0)
                return;
            cancellationToken.ThrowIfCancellationRequested();
            NativeWork.StopIfProcessExits();
            if (unfinished <= rows.Length * ShareThatIsKept)
            {
                int[] kept = [.. Enumerable.Range(0, rows.Length).Where(i => rows[i].Ended is null)];
                session.KeepRows(kept);
                (rows, tokens) = (Array.ConvertAll(kept, i => rows[i]), Array.ConvertAll(kept, i => tokens[i]));
            }

            scores_BV = session.Step(tokens);
        }
    }

    private GeneratedRow[] CreateRows(IReadOnlyList<int[]> prompts, GenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        options.Validate();
        // The caller may change its own while the text is written.
        options = options with { };
        if (prompts.Count == 0)
            throw new ArgumentException("there is no prompt; expected at least one", nameof(prompts));
        var config = _model.Config;
        for (var i = 0; i < prompts.Count; i++)
        {
            if (prompts[i].Length == 0)
                throw new ArgumentException($"prompt {i + 1} is empty; expected at least one token", nameof(prompts));
            if (prompts[i].Length >= config.MaxSeqLen)
                throw new ArgumentException(
                    $"prompt {i + 1} has {prompts[i].Length} tokens; expected at most {config.MaxSeqLen - 1}, so that one more fits (max_seq_len)", nameof(prompts));
            if (UnknownId(prompts[i]) is { } unknown)
                throw new ArgumentException($"prompt {i + 1} holds the id {unknown}; expected ids below {config.VocabSize}", nameof(prompts));
        }

        HashSet<int> stops = [.. options.StopTokens ?? (_tokenizer.EosTokenId is { } eos ? [eos] : [])];
        if (UnknownId(stops) is { } stop)
            throw new ArgumentException($"the stop token {stop} is not in the vocabulary; expected an id below {config.VocabSize}", nameof(options));
        return [.. prompts.Select((prompt, row) => new GeneratedRow(_tokenizer, options, stops, prompt, row, config.MaxSeqLen - prompt.Length))];
    }

    private int? UnknownId(IEnumerable<int> ids)
    {
        foreach (var id in ids)
            if (id < 0 || id >= _model.Config.VocabSize)
                return id;
        return null;
    }
}
