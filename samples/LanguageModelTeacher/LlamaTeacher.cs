using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using LLama;
using LLama.Abstractions;
using LLama.Common;
using LLama.Native;
using Microsoft.Extensions.AI;

namespace MiniMind.Samples.LanguageModelTeacher;

/// <summary>A GGUF model that llama.cpp runs in this process, through the chat client of LLamaSharp.</summary>
/// <remarks>What a harvest needs and LLamaSharp's client does not do is added here: why a reply ended and how many tokens it has, an exception instead of
/// half a reply where the caller cancels, and one request at a time, because two would use each other's context. (LLamaSharp computes one token at a time
/// for a whole process anyway, behind one lock.) The text, the sampling and the computing are LLamaSharp's.</remarks>
internal sealed class LlamaTeacher : IChatClient
{
    private readonly LLamaWeights _weights;
    private readonly TemplateTransform _template;
    private readonly IChatClient _client;
    private readonly ChatClientMetadata _metadata;
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Loads a model.</summary>
    /// <param name="path">The GGUF file.</param>
    /// <param name="template">The template the model was trained with.</param>
    public LlamaTeacher(string path, ChatTemplate template)
    {
        // What llama.cpp logs about each model and context would bury this program's own lines.
        NativeLibraryConfig.All.WithLogCallback((_, _) => { });
        // So small a model is computed fastest by one thread and without flash attention: 12 ms for a reply of 24 tokens; 20 with two threads.
        var parameters = new ModelParams(path) { GpuLayerCount = 0, Threads = 1, BatchThreads = 1, FlashAttention = false };
        _weights = LLamaWeights.LoadFromFile(parameters);
        _template = new TemplateTransform(template);
        _client = new StatelessExecutor(_weights, parameters).AsChatClient(_template, new EveryToken());
        // The file's hash is part of the name, so that a harvest does not take another model's replies for this one's.
        _metadata = new ChatClientMetadata("llama.cpp", null, $"{Path.GetFileNameWithoutExtension(path)}-{HashOf(path)}");
    }

    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (options?.MaxOutputTokens is not { } most)
            throw new ArgumentException($"{nameof(ChatOptions.MaxOutputTokens)} is not given; expected a limit, because LLamaSharp silently takes 256", nameof(options));
        List<ChatMessage> turns = [.. messages];
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var tokens = 0;
            string? message = null;
            await foreach (var update in _client.GetStreamingResponseAsync(turns, options, cancellationToken))
            {
                tokens++;
                message = update.MessageId;
                yield return update;
            }

            cancellationToken.ThrowIfCancellationRequested();
            var input = PromptTokens(turns);
            var usage = new UsageDetails { InputTokenCount = input, OutputTokenCount = tokens, TotalTokenCount = input + tokens };
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(usage)])
            {
                MessageId = message,
                ModelId = _metadata.DefaultModelId,
                // The executor stops at the limit before it looks for the end of the turn.
                FinishReason = tokens < most ? ChatFinishReason.Stop : ChatFinishReason.Length,
            };
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _weights.Dispose();
        _turn.Dispose();
    }

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file))[..12];
    }

    private int PromptTokens(IEnumerable<ChatMessage> messages)
    {
        var prompt = _template.Render(messages.Select(m => new ChatTurn(m.Role.Value, m.Text)));
        return _weights.Tokenize(prompt, add_bos: false, special: true, Encoding.UTF8).Length;
    }

    /// <summary>Every token's text as it comes, one update for each token. LLamaSharp's own transform cuts the names of speakers out of the text.</summary>
    private sealed class EveryToken : ITextStreamTransform
    {
        public IAsyncEnumerable<string> TransformAsync(IAsyncEnumerable<string> tokens) => tokens;

        public ITextStreamTransform Clone() => this;
    }
}
