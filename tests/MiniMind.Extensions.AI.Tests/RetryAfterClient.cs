using System.ClientModel;
using System.ClientModel.Primitives;
using System.Diagnostics.CodeAnalysis;

namespace MiniMind.Extensions.AI.Tests;

/// <summary>Makes the exception that OpenAI's client throws.</summary>
internal static class RetryAfterClient
{
    public static ClientResultException TooMany(string retryAfter) => Status(429, new() { ["Retry-After"] = retryAfter });

    public static ClientResultException Status(int status, Dictionary<string, string>? headers = null, string body = "{}") =>
        new(new Response(status, headers ?? [], body));

    private sealed class Response(int status, Dictionary<string, string> headers, string body) : PipelineResponse
    {
        public override int Status => status;

        public override string ReasonPhrase => "none";

        public override Stream? ContentStream { get; set; }

        public override BinaryData Content => BinaryData.FromString(body);

        protected override PipelineResponseHeaders HeadersCore => new Headers(headers);

        public override BinaryData BufferContent(CancellationToken cancellationToken = default) => Content;

        public override ValueTask<BinaryData> BufferContentAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(Content);

        public override void Dispose()
        {
        }
    }

    private sealed class Headers(Dictionary<string, string> headers) : PipelineResponseHeaders
    {
        public override IEnumerator<KeyValuePair<string, string>> GetEnumerator() => headers.GetEnumerator();

        public override bool TryGetValue(string name, [NotNullWhen(true)] out string? value) => headers.TryGetValue(name, out value);

        public override bool TryGetValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
        {
            values = headers.TryGetValue(name, out var value) ? [value] : null;
            return values is not null;
        }
    }
}
