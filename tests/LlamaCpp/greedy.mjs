// Runs a GGUF file in llama.cpp on the CPU and continues prompts greedily, in full precision:
//   node greedy.mjs MODEL.gguf REQUEST.json REPLY.json
// REQUEST: {"texts": [...], "maxTokens": 64}; REPLY: [{"ids": [...], "tokens": [...]}], the prompt's ids and what follows them.
import fs from "node:fs";
import {getLlama, GgmlType, LlamaLogLevel} from "node-llama-cpp";

const [modelPath, requestPath, replyPath] = process.argv.slice(2);
const request = JSON.parse(fs.readFileSync(requestPath, "utf8"));
const llama = await getLlama({
    gpu: false, build: "never", skipDownload: true, progressLogs: false, maxThreads: 1, logLevel: LlamaLogLevel.error,
    logger: (level, message) => process.stderr.write(`${message}\n`)
});
const model = await llama.loadModel({modelPath, gpuLayers: 0, ignoreMemorySafetyChecks: true, defaultContextFlashAttention: false});
const context = await model.createContext({
    contextSize: 1024, batchSize: 1024, sequences: 1, threads: 1, flashAttention: false, ignoreMemorySafetyChecks: true,
    // The cache is in half precision otherwise.
    experimentalKvCacheKeyType: GgmlType.F32, experimentalKvCacheValueType: GgmlType.F32
});
const sequence = context.getSequence();

async function continued(ids) {
    const tokens = [];
    if (request.maxTokens === 0)
        return tokens;
    await sequence.clearHistory();
    for await (const token of sequence.evaluate(ids, {temperature: 0, yieldEogToken: true})) {
        tokens.push(token);
        if (tokens.length >= request.maxTokens)
            break;
    }
    return tokens;
}

const replies = [];
for (const text of request.texts) {
    const ids = model.tokenize(text, true);
    replies.push({ids, tokens: await continued(ids)});
}
fs.writeFileSync(replyPath, JSON.stringify(replies));
await context.dispose();
await model.dispose();
await llama.dispose();
