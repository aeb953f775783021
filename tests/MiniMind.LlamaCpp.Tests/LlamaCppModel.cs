using System.Numerics.Tensors;
using System.Text;
using LLama.Native;

namespace MiniMind.LlamaCpp.Tests;

/// <summary>A GGUF file in llama.cpp on the CPU: one thread, no flash attention, and a cache in full precision.</summary>
internal sealed class LlamaCppModel : IDisposable
{
    private const int LongestSequence = 512;
    private readonly SafeLLamaContextHandle _context;

    public LlamaCppModel(string path)
    {
        var modelParameters = LLamaModelParams.Default();
        modelParameters.n_gpu_layers = 0;
        Model = SafeLlamaModelHandle.LoadFromFile(path, modelParameters);
        var parameters = LLamaContextParams.Default();
        parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = LongestSequence;
        parameters.n_seq_max = 1;
        parameters.n_threads = parameters.n_threads_batch = 1;
        parameters.llama_flash_attn_type = LLamaFlashAttentionType.LLAMA_FLASH_ATTENTION_TYPE_DISABLED;
        parameters.type_k = parameters.type_v = GGMLType.GGML_TYPE_F32;
        _context = SafeLLamaContextHandle.Create(Model, parameters);
    }

    /// <summary>The model with its vocabulary and metadata.</summary>
    public SafeLlamaModelHandle Model { get; }

    /// <summary>A text's ids; special tokens in it are recognised.</summary>
    public int[] Tokenize(string text) => [.. Model.Tokenize(text, addBos: false, special: true, Encoding.UTF8).Select(t => (int)t)];

    /// <summary>The logits <c>[T][V]</c> after each of the ids.</summary>
    public float[][] Logits(IReadOnlyList<int> ids)
    {
        Start(ids, everyPosition: true);
        return [.. Enumerable.Range(0, ids.Count).Select(i => _context.GetLogitsIth(i).ToArray())];
    }

    /// <summary>Continues a prompt with the most likely tokens.</summary>
    /// <param name="ids">The prompt.</param>
    /// <param name="count">How many tokens at most.</param>
    /// <param name="stops">Whether a token that llama.cpp takes for the end of a generation ends it; that token is not part of the continuation.</param>
    public Continuation Continue(IReadOnlyList<int> ids, int count, bool stops)
    {
        Start(ids, everyPosition: false);
        var tokens = new List<int>();
        for (var row = ids.Count - 1; tokens.Count < count; row = 0)
        {
            LLamaToken next = TensorPrimitives.IndexOfMax(_context.GetLogitsIth(row));
            if (stops && next.IsEndOfGeneration(Model.Vocab))
                return new Continuation(tokens, (int)next);
            tokens.Add((int)next);
            var step = new LLamaBatch();
            step.Add(next, ids.Count + tokens.Count - 1, LLamaSeqId.Zero, logits: true);
            Decode(step);
        }

        return new Continuation(tokens, End: null);
    }

    public void Dispose()
    {
        _context.Dispose();
        Model.Dispose();
    }

    private void Start(IReadOnlyList<int> ids, bool everyPosition)
    {
        _context.MemoryClear();
        var batch = new LLamaBatch();
        foreach (var (position, id) in ids.Index())
            batch.Add(id, position, LLamaSeqId.Zero, everyPosition || position == ids.Count - 1);
        Decode(batch);
    }

    private void Decode(LLamaBatch batch)
    {
        var result = _context.Decode(batch);
        if (result != DecodeResult.Ok)
            throw new InvalidOperationException($"llama.cpp did not decode a batch of {batch.TokenCount} tokens: {result}.");
    }

    /// <param name="Tokens">The tokens that follow.</param>
    /// <param name="End">The token that ended them; null where their number did.</param>
    internal sealed record Continuation(IReadOnlyList<int> Tokens, int? End);
}
