using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;

namespace MiniMind.Extensions.AI;

/// <summary>A MiniMind student as a chat client, for whatever speaks to models through Microsoft.Extensions.AI; also as a teacher.</summary>
/// <remarks>
/// <para>Safe for use by several threads: requests are answered one after another, in the order in which they came, on one thread of the client's own. While a trainer's
/// run is on, they are answered between its steps.</para>
/// <para>Of <see cref="ChatOptions"/>, these are followed: <c>MaxOutputTokens</c>, <c>Temperature</c> (0 is greedy), <c>TopP</c>, <c>TopK</c>, <c>Seed</c>,
/// <c>StopSequences</c>, <c>Instructions</c> (before the system turn), <c>Reasoning</c> (effort none: the student does not think, any other: it does;
/// output none: reasoning is not given out). Others are ignored: tools, response formats, frequency and presence penalties, the model's name.</para>
/// </remarks>
public sealed class MiniMindChatClient : IChatClient
{
    private readonly IGenerativeModel _model;
    private readonly MiniMindTokenizer _tokenizer;
    private readonly MiniMindChatClientOptions _options;
    private readonly TextGenerator _generator;
    private readonly bool _ownsModel;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _end = new();
    private int _isDisposed;

    /// <summary>Creates a client; the model and the tokenizer stay the caller's.</summary>
    /// <param name="model">The student: of TorchSharp, or of MiniMind.Inference.</param>
    /// <param name="tokenizer">Its tokenizer, which knows its chat template.</param>
    /// <param name="options">Settings; none for the defaults.</param>
    /// <exception cref="ArgumentException">The tokenizer has more tokens than the model.</exception>
    /// <exception cref="ChatTemplateException">The tokenizer has no known chat template.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Settings are wrong; all are named.</exception>
    public MiniMindChatClient(IGenerativeModel model, MiniMindTokenizer tokenizer, MiniMindChatClientOptions? options = null)
        : this(model, tokenizer, options, ownsModel: false)
    {
    }

    private MiniMindChatClient(IGenerativeModel model, MiniMindTokenizer tokenizer, MiniMindChatClientOptions? options, bool ownsModel)
    {
        options ??= new MiniMindChatClientOptions();
        options.Validate();
        (_generator, _model, _tokenizer, _options, _ownsModel) = (new TextGenerator(model, tokenizer), model, tokenizer, options with { Generation = options.Generation with { }, Template = options.Template with { } }, ownsModel);
        _ = tokenizer.ChatTemplate;
    }

    /// <summary>Loads a student; the client disposes of it.</summary>
    /// <param name="directory">A model directory with its tokenizer.</param>
    /// <param name="options">Settings; none for the defaults.</param>
    /// <returns>The client.</returns>
    /// <inheritdoc cref="ModelWeights.LoadModel" path="/exception"/>
    /// <exception cref="TokenizerException">The tokenizer cannot be read.</exception>
    public static MiniMindChatClient Load(string directory, MiniMindChatClientOptions? options = null)
    {
        var model = ModelWeights.LoadModel(directory);
        try
        {
            return new MiniMindChatClient(model, MiniMindTokenizer.FromDirectory(directory), options, ownsModel: true);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A message has a role or a content that a student cannot read, the conversation is too long for the model, or
    /// an option is out of range.</exception>
    /// <exception cref="ChatTemplateException">The conversation cannot be written in the student's template.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed of, also while the request waits.</exception>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    /// <inheritdoc cref="GetResponseAsync" path="/exception"/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        var request = ChatRequest.Read(messages, options, _options);
        var prompt = _generator.EncodePrompt(request.Turns, request.Template);
        var contents = new ReplyContents(_tokenizer.ChatTemplate.ReplyOpening(request.Template), _options.KeepTags);
        var id = Guid.NewGuid().ToString("N");
        ChatResponseUpdate Update(IEnumerable<AIContent> given, ChatFinishReason? finish = null) =>
            new(ChatRole.Assistant, [.. given.Where(c => request.ReturnsReasoning || c is not TextReasoningContent)])
            {
                ResponseId = id,
                MessageId = id,
                ModelId = _options.ModelId,
                CreatedAt = DateTimeOffset.UtcNow,
                FinishReason = finish,
            };

        var pieces = Channel.CreateUnbounded<string>(new() { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
        var reply = AnswerAsync(prompt, request.Generation, pieces.Writer, stop.Token);
        try
        {
            await foreach (var piece in pieces.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                if (contents.Append(piece) is { Count: > 0 } given && Update(given) is { Contents.Count: > 0 } update)
                    yield return update;
            var text = await EndedAsync(reply, cancellationToken).ConfigureAwait(false);
            yield return Update([.. contents.Flush(), Usage(prompt, text, contents)], text.IsTruncated ? ChatFinishReason.Length : ChatFinishReason.Stop);
        }
        finally
        {
            // Whoever stops reading stops the work too.
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)reply).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Gives <see cref="ChatClientMetadata"/> (provider <c>minimind</c>), the model (as <see cref="MiniMindLM"/> where it is one, or as <see cref="IGenerativeModel"/>), the <see cref="MiniMindTokenizer"/> and the client
    /// itself.</remarks>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("minimind", defaultModelId: _options.ModelId)
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(IGenerativeModel) || serviceType.IsInstanceOfType(_model) ? _model
            : serviceType == typeof(MiniMindTokenizer) ? _tokenizer
            : null;
    }

    /// <summary>Ends the client: a request under way ends, those that wait are not answered.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _end.Cancel();
        _turn.Wait();
        _generator.Dispose();
        if (_ownsModel)
            ((IDisposable)_model).Dispose();
        // The last of those that wait ends when it is let in.
        _turn.Release();
    }

    /// <summary>Waits for its turn and generates; the pieces end with it.</summary>
    private async Task<GeneratedText> AnswerAsync(int[] prompt, GenerationOptions options, ChannelWriter<string> pieces, CancellationToken cancellationToken)
    {
        try
        {
            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                return await _generator.ContinueAsync(prompt, options, piece => pieces.TryWrite(piece), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            pieces.Complete();
        }
    }

    private async Task<GeneratedText> EndedAsync(Task<GeneratedText> reply, CancellationToken cancellationToken)
    {
        try
        {
            return await reply.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(MiniMindChatClient), "the client was disposed of before it had answered");
        }
    }

    private UsageContent Usage(int[] prompt, GeneratedText text, ReplyContents contents) => new(new UsageDetails
    {
        InputTokenCount = prompt.Length,
        OutputTokenCount = text.Ids.Count,
        TotalTokenCount = prompt.Length + text.Ids.Count,
        ReasoningTokenCount = _options.KeepTags ? null : _tokenizer.Encode(contents.Reasoning.ToString(), addSpecialTokens: false).Length,
    });
}
