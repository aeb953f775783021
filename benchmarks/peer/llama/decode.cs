// Cached greedy decoding of one GGUF file by llama.cpp (through LLamaSharp), as the benchmark's `decode` does it:
//   dotnet run -c Release decode.cs -- MODEL.gguf --batch 8 --context 1000 --tokens 128 --threads 2 --flash
#:package LLamaSharp@0.30.0
#:package LLamaSharp.Backend.Cpu@0.30.0
#:property ManagePackageVersionsCentrally=false
#:property AllowUnsafeBlocks=true
#:property PublishAot=false
using System.Diagnostics;
using LLama.Abstractions;
using LLama.Native;

const int WarmUpTokens = 8;
int Number(string name, int value) => Array.IndexOf(args, name) is var i && i >= 0 ? int.Parse(args[i + 1]) : value;
var (batch, context, tokens, threads) = (Number("--batch", 8), Number("--context", 1000), Number("--tokens", 128), Number("--threads", 2));

NativeLibraryConfig.All.WithLogCallback((_, _) => { });
NativeApi.llama_empty_call();
var modelParams = LLamaModelParams.Default();
modelParams.n_gpu_layers = 0;
using var model = SafeLlamaModelHandle.LoadFromFile(args[0], modelParams);
var parameters = LLamaContextParams.Default();
parameters.n_ctx = (uint)(batch * (context + tokens + WarmUpTokens + 8));
parameters.n_batch = 2048;
parameters.n_ubatch = 512;
parameters.n_seq_max = (uint)batch;
parameters.n_threads = parameters.n_threads_batch = threads;
parameters.kv_unified = args.Contains("--unified");
if (args.Contains("--flash"))
    parameters.llama_flash_attn_type = LLamaFlashAttentionType.LLAMA_FLASH_ATTENTION_TYPE_ENABLED;
if (args.Contains("--no-flash"))
    parameters.llama_flash_attn_type = LLamaFlashAttentionType.LLAMA_FLASH_ATTENTION_TYPE_DISABLED;
using var state = SafeLLamaContextHandle.Create(model, parameters);

const int Prefills = 5;
var (next, prefills) = (new LLamaToken[batch], new List<double>());
for (var i = 0; i < Prefills; i++)
{
    state.MemoryClear();
    var watch = Stopwatch.StartNew();
    for (var row = 0; row < batch; row++)
        for (var start = 0; start < context;)
        {
            var part = new LLamaBatch();
            var end = Math.Min(start + (int)parameters.n_batch, context);
            for (; start < end; start++)
                part.Add(start + 1, start, (LLamaSeqId)row, start == context - 1);
            Check(state.Decode(part));
            if (start == context)
                next[row] = Best(state.GetLogitsIth(part.TokenCount - 1));
        }

    prefills.Add(watch.Elapsed.TotalSeconds);
}

prefills.Sort();
Console.WriteLine($"prefill_tokens_per_second={batch * context / prefills[prefills.Count / 2]:f1}");
var seconds = new List<double>();
for (var i = 0; i < WarmUpTokens + tokens; i++)
{
    var watch = Stopwatch.StartNew();
    var step = new LLamaBatch();
    for (var row = 0; row < batch; row++)
        step.Add(next[row], context + i, (LLamaSeqId)row, true);
    Check(state.Decode(step));
    for (var row = 0; row < batch; row++)
        next[row] = Best(state.GetLogitsIth(row));
    if (i >= WarmUpTokens)
        seconds.Add(watch.Elapsed.TotalSeconds);
}

seconds.Sort();
Console.WriteLine($"tokens_per_second={batch / seconds[seconds.Count / 2]:f1}");

static LLamaToken Best(ReadOnlySpan<float> logits) => System.Numerics.Tensors.TensorPrimitives.IndexOfMax(logits);

static void Check(DecodeResult result)
{
    if (result != DecodeResult.Ok)
        throw new InvalidOperationException($"llama.cpp did not decode the batch: {result}");
}
