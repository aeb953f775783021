using System.Runtime.CompilerServices;
using System.Threading.Channels;
using TorchSharp;

namespace MiniMind;

/// <summary>Lets a model speak: prompts of different lengths in one batch, a key/value cache, greedy or sampled.</summary>
/// <remarks>Everything runs as in evaluation mode, whatever mode the model is in. The synchronous members compute on the caller's thread, the asynchronous
/// ones on a thread of the generator's own. While a trainer's run is on, both wait for a moment between two of its steps and compute on its thread,
/// which makes the run wait for the text. One call at a time.</remarks>
public sealed class TextGenerator : IDisposable
{
    /// <summary>More rows at a time are no faster on the CPU, and take more memory.</summary>
    private const int MostRowsOnCpu = 64;

    /// <summary>Finished rows leave a session when no more than this share of it goes on.</summary>
    private const double ShareThatIsKept = 0.75;

    private readonly MiniMindLM _model;
    private readonly MiniMindTokenizer _tokenizer;
    private readonly Lazy<ComputeThread> _compute = new(() => new ComputeThread());

    /// <summary>Creates a generator; the model and the tokenizer stay the caller's.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <exception cref="ArgumentException">The tokenizer has more tokens than the model.</exception>
    public TextGenerator(MiniMindLM model, MiniMindTokenizer tokenizer)
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
    /// a stop token is not in the vocabulary, or options are wrong.</exception>
    /// <exception cref="NonFiniteModelException">The model's scores are not finite numbers.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public IReadOnlyList<GeneratedText> Generate(
        IReadOnlyList<int[]> prompts, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var rows = CreateRows(prompts, options ??= new GenerationOptions());
        return GenerateRows(prompts, rows, options, _ => { }, cancellationToken);
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
        var rows = CreateRows(prompts, options ??= new GenerationOptions());
        var pieces = Channel.CreateUnbounded<string>(new() { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reply = _compute.Value.RunAsync(() =>
        {
            try
            {
                return GenerateRows(prompts, rows, options, piece => pieces.Writer.TryWrite(piece), stop.Token);
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
        return _compute.Value.RunAsync(() => GenerateRows([prompt], rows, options, onPiece, cancellationToken)[0]);
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
        IReadOnlyList<int[]> prompts, GeneratedRow[] rows, GenerationOptions options, Action<string> onPiece, CancellationToken cancellationToken) =>
        _model.Ownership.Use<IReadOnlyList<GeneratedText>>(() =>
        {
            // Prompts of like length share a session, so that little of it is padding.
            var order = Enumerable.Range(0, rows.Length).OrderBy(i => prompts[i].Length);
            foreach (var part in order.Chunk(_model.Device.type == DeviceType.CPU ? MostRowsOnCpu : rows.Length))
                GenerateSession([.. part.Select(i => prompts[i])], [.. part.Select(i => rows[i])], options, onPiece, cancellationToken);
            return [.. rows.Select(r => r.ToResult())];
        });

    private void GenerateSession(int[][] prompts, GeneratedRow[] rows, GenerationOptions options, Action<string> onPiece, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var session = CreateSession(prompts, options);
        for (var scores = session.Prefill(prompts); ; scores = session.Step([.. rows.Select(r => r.LastToken)]))
        {
            if (Choose(scores, rows) is { Length: > 0 } piece)
                onPiece(piece);
            int[] unfinished = [.. Enumerable.Range(0, rows.Length).Where(i => rows[i].Ended is null)];
            if (unfinished.Length == 0)
                return;
            cancellationToken.ThrowIfCancellationRequested();
            NativeWork.StopIfProcessExits();
            if (unfinished.Length <= rows.Length * ShareThatIsKept)
            {
                session.KeepRows(unfinished);
                rows = Array.ConvertAll(unfinished, i => rows[i]);
            }
        }
    }

    private string Choose(torch.Tensor scores_BV, GeneratedRow[] rows)
    {
        using (scores_BV)
        {
            var vocabulary = (int)scores_BV.shape[1];
            var scores = scores_BV.data<float>().ToArray();
            var text = string.Empty;
            for (var b = 0; b < rows.Length; b++)
                if (rows[b].Ended is null)
                    text = rows[b].Add(scores.AsSpan(b * vocabulary, _tokenizer.VocabSize));
            return text;
        }
    }

    private DecodingSession CreateSession(IReadOnlyList<int[]> prompts, GenerationOptions options)
    {
        var room = _model.Config.MaxSeqLen - prompts.Min(p => p.Length);
        return new DecodingSession(_model, prompts);
    }

    private GeneratedRow[] CreateRows(IReadOnlyList<int[]> prompts, GenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        options.Validate();
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
