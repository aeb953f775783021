using System.ClientModel;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace MiniMind.Extensions.AI;

/// <summary>What went wrong with a request to a teacher, and whether asking again can help.</summary>
public sealed partial record TeacherFault
{
    /// <summary>Creates a fault.</summary>
    /// <param name="kind">The kind of fault.</param>
    /// <param name="message">What the client or the service said; keys are left out.</param>
    public TeacherFault(TeacherFaultKind kind, string message)
    {
        (Kind, Message) = (kind, message);
    }

    /// <summary>The kind of fault.</summary>
    public TeacherFaultKind Kind { get; init; }

    /// <summary>What the client or the service said; keys are left out.</summary>
    public string Message { get; init; }

    private const int LongestMessage = 500;

    /// <summary>The HTTP status, where there was one.</summary>
    public int? Status { get; init; }

    /// <summary>How long the service asks to wait, where it said so.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Reads a client's exception: those of System.ClientModel (OpenAI's and Azure's clients), of <see cref="HttpClient"/> and of streams, also within
    /// others.</summary>
    /// <param name="exception">What the client threw.</param>
    /// <param name="time">The clock by which a date to wait for is read; the system's by default.</param>
    /// <returns>The fault. An exception of which nothing is known counts as one that may pass.</returns>
    public static TeacherFault From(Exception exception, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var causes = Causes(exception).ToList();
        var (status, headers, body) = Response(causes);
        var text = body.Length > 0 ? $"{causes[^1].Message} {body}" : string.Join(": ", causes.Select(c => c.Message).Distinct());
        return new TeacherFault(KindOf(causes, status, text), Shown(text))
        {
            Status = status,
            RetryAfter = headers is null ? null : ReadRetryAfter(headers, (time ?? TimeProvider.System).GetUtcNow()),
        };
    }

    private static IEnumerable<Exception> Causes(Exception exception)
    {
        // After repetitions of its own, a client throws all its exceptions as one: the last counts.
        for (Exception? cause = exception; cause is not null; cause = cause is AggregateException { InnerExceptions: [.., var last] } ? last : cause.InnerException)
            if (cause is not AggregateException)
                yield return cause;
    }

    private static (int? Status, System.ClientModel.Primitives.PipelineResponseHeaders? Headers, string Body) Response(List<Exception> causes)
    {
        foreach (var cause in causes)
            switch (cause)
            {
                case ClientResultException { Status: > 0 } result:
                    var response = result.GetRawResponse();
                    return (result.Status, response?.Headers, Body(response));
                case HttpRequestException { StatusCode: { } code }:
                    return ((int)code, null, string.Empty);
            }

        return (null, null, string.Empty);
    }

    private static string Body(System.ClientModel.Primitives.PipelineResponse? response)
    {
        try
        {
            return response?.Content.ToString().Trim() ?? string.Empty;
        }
        catch (InvalidOperationException)
        {
            // A streamed response that was not buffered.
            return string.Empty;
        }
    }

    private static TeacherFaultKind KindOf(List<Exception> causes, int? status, string text)
    {
        bool Says(params string[] words) => words.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
        return status switch
        {
            // An account without money is refused with the same status as one that is too fast, and waiting does not fill it.
            (int)HttpStatusCode.TooManyRequests => Says("insufficient_quota", "billing") ? TeacherFaultKind.Permanent : TeacherFaultKind.RateLimited,
            (int)HttpStatusCode.RequestTimeout or (int)HttpStatusCode.GatewayTimeout => TeacherFaultKind.TimedOut,
            (int)HttpStatusCode.Conflict or 425 => TeacherFaultKind.Transient,
            (int)HttpStatusCode.PaymentRequired => TeacherFaultKind.Permanent,
            (int)HttpStatusCode.RequestEntityTooLarge => TeacherFaultKind.Refused,
            (int)HttpStatusCode.BadRequest or (int)HttpStatusCode.UnprocessableEntity
                when Says("content_filter", "content_policy", "context_length_exceeded", "maximum context length", "string_above_max_length") => TeacherFaultKind.Refused,
            >= 400 and < 500 => TeacherFaultKind.Permanent,
            not null => TeacherFaultKind.Transient,
            _ when causes.Exists(c => c is OperationCanceledException or TimeoutException) => TeacherFaultKind.TimedOut,
            // A fault of the program and not of the wire is there again with the next request.
            _ when causes[^1] is ArgumentException or NotSupportedException or NotImplementedException => TeacherFaultKind.Permanent,
            _ => TeacherFaultKind.Transient,
        };
    }

    /// <summary>A number of seconds, a date, or OpenAI's number of milliseconds.</summary>
    private static TimeSpan? ReadRetryAfter(System.ClientModel.Primitives.PipelineResponseHeaders headers, DateTimeOffset now)
    {
        if (headers.TryGetValue("retry-after-ms", out var text) && double.TryParse(text, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds is >= 0 and < 1e12)
            return TimeSpan.FromMilliseconds(milliseconds);
        if (!headers.TryGetValue("Retry-After", out text))
            return null;
        if (double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 1e9)
            return TimeSpan.FromSeconds(seconds);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? date > now ? date - now : TimeSpan.Zero
            : null;
    }

    /// <summary>On one line, of bounded length, and without what looks like a key.</summary>
    private static string Shown(string text)
    {
        var line = Key().Replace(text.ReplaceLineEndings(" "), "[key]");
        return line.Length <= LongestMessage ? line : line[..LongestMessage] + "…";
    }

    [GeneratedRegex(@"(?i)bearer\s+\S+|\b(?:sk|pk|rk|key|gsk|hf|xai)[-_][A-Za-z0-9_\-*.]{8,}|api[-_ ]?key[^A-Za-z0-9]{1,12}[A-Za-z0-9_\-*.]{8,}", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Key();
}
