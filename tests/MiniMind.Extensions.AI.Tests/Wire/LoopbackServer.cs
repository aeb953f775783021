using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MiniMind.Extensions.AI.Tests;

/// <summary>A server on this machine that speaks OpenAI's chat completions, streamed or not, with faults on request.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly HttpListener _listener;
    private readonly Func<Call, Reply> _script;
    private readonly ConcurrentQueue<Call> _calls = new();
    private readonly Task _serving;

    public LoopbackServer(Func<Call, Reply> script)
    {
        _script = script;
        (_listener, Address) = Listen();
        _serving = ServeAsync();
    }

    /// <summary>A request: how many came before it, its body, and its authorization.</summary>
    public sealed record Call(int Number, JsonElement Body, string? Authorization)
    {
        public string Question => Body.GetProperty("messages").EnumerateArray().Last().GetProperty("content") is { ValueKind: JsonValueKind.String } text
            ? text.GetString()!
            : Body.GetProperty("messages").EnumerateArray().Last().GetProperty("content")[0].GetProperty("text").GetString()!;

        public bool Streams => Body.TryGetProperty("stream", out var stream) && stream.GetBoolean();
    }

    /// <summary>A reply, or a status with a body.</summary>
    public sealed record Reply
    {
        public string Content { get; init; } = "4";

        public string? Reasoning { get; init; } = "2 + 2 = 4";

        /// <summary>The field that reasoning comes in; null for think tags in the content.</summary>
        public string? Field { get; init; } = "reasoning_content";

        public string FinishReason { get; init; } = "stop";

        public int Status { get; init; } = 200;

        public string? RetryAfter { get; init; }

        public string Error { get; init; } = "an error";

        public bool IsCut { get; init; }

        public string Text => Field is null && Reasoning is not null ? $"<think>\n{Reasoning}\n</think>\n\n{Content}" : Content;
    }

    public Uri Address { get; }

    public IReadOnlyList<Call> Calls => [.. _calls];

    public void Dispose()
    {
        _listener.Close();
        _serving.Wait();
    }

    private async Task ServeAsync()
    {
        while (true)
            try
            {
                var context = await _listener.GetContextAsync();
                using var body = await JsonDocument.ParseAsync(context.Request.InputStream);
                var call = new Call(_calls.Count, body.RootElement.Clone(), context.Request.Headers["Authorization"]);
                _calls.Enqueue(call);
                _ = AnswerAsync(context.Response, call, _script(call));
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
    }

    private static async Task AnswerAsync(HttpListenerResponse response, Call call, Reply reply)
    {
        try
        {
            response.StatusCode = reply.Status;
            if (reply.RetryAfter is not null)
                response.Headers["Retry-After"] = reply.RetryAfter;
            if (reply.Status != 200)
                await WriteAsync(response, new JsonObject { ["error"] = new JsonObject { ["message"] = reply.Error, ["type"] = "error", ["code"] = null } }.ToJsonString());
            else if (call.Streams)
                await StreamAsync(response, reply);
            else if (reply.IsCut)
                response.Abort();
            else
                await WriteAsync(response, Whole(reply).ToJsonString());
            response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or InvalidOperationException or IOException)
        {
            // The client has gone.
        }
    }

    private static async Task StreamAsync(HttpListenerResponse response, Reply reply)
    {
        response.ContentType = "text/event-stream";
        response.SendChunked = true;
        if (reply is { Reasoning: { } reasoning, Field: { } field })
            foreach (var piece in reasoning.Chunk(3))
                await EventAsync(response, Chunk(new JsonObject { [field] = new string(piece) }, null));
        foreach (var piece in reply.Text.Chunk(4))
            await EventAsync(response, Chunk(new JsonObject { ["content"] = new string(piece) }, null));
        if (reply.IsCut)
        {
            response.Abort();
            return;
        }

        await EventAsync(response, Chunk([], reply.FinishReason));
        await EventAsync(response, new JsonObject
        {
            ["id"] = "c1",
            ["object"] = "chat.completion.chunk",
            ["created"] = 1,
            ["model"] = "wire",
            ["choices"] = new JsonArray(),
            ["usage"] = Usage(reply),
        });
        await response.OutputStream.WriteAsync("data: [DONE]\n\n"u8.ToArray());
    }

    private static Task EventAsync(HttpListenerResponse response, JsonObject json) =>
        response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes($"data: {json.ToJsonString()}\n\n")).AsTask();

    private static JsonObject Chunk(JsonObject delta, string? finish) => new()
    {
        ["id"] = "c1",
        ["object"] = "chat.completion.chunk",
        ["created"] = 1,
        ["model"] = "wire",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finish }),
    };

    private static JsonObject Whole(Reply reply)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = reply.Text };
        if (reply is { Reasoning: { } reasoning, Field: { } field })
            message[field] = reasoning;
        return new JsonObject
        {
            ["id"] = "c1",
            ["object"] = "chat.completion",
            ["created"] = 1,
            ["model"] = "wire",
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message, ["finish_reason"] = reply.FinishReason }),
            ["usage"] = Usage(reply),
        };
    }

    private static JsonObject Usage(Reply reply) => new()
    {
        ["prompt_tokens"] = 11,
        ["completion_tokens"] = 9,
        ["total_tokens"] = 20,
        ["completion_tokens_details"] = new JsonObject { ["reasoning_tokens"] = reply.Reasoning is null ? 0 : 7 },
    };

    private static async Task WriteAsync(HttpListenerResponse response, string json)
    {
        response.ContentType = "application/json";
        await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(json));
    }

    private static (HttpListener Listener, Uri Address) Listen()
    {
        while (true)
        {
            var address = new Uri($"http://127.0.0.1:{Random.Shared.Next(20_000, 60_000).ToString(CultureInfo.InvariantCulture)}/v1/");
            var listener = new HttpListener();
            listener.Prefixes.Add(address.ToString());
            try
            {
                listener.Start();
                return (listener, address);
            }
            catch (HttpListenerException)
            {
                // The port is taken, and a listener that could not start is disposed.
            }
        }
    }
}
