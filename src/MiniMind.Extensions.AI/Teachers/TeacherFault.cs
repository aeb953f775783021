using System.Net;

namespace MiniMind.Extensions.AI;

/// <summary>What went wrong with a request to a teacher, and whether asking again can help.</summary>
/// <param name="Kind">The kind of fault.</param>
/// <param name="Message">What the client or the service said.</param>
public sealed record TeacherFault(TeacherFaultKind Kind, string Message)
{
    /// <summary>The HTTP status, where there was one.</summary>
    public int? Status { get; init; }

    /// <summary>How long the service asks to wait, where it said so.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Reads a client's exception.</summary>
    /// <param name="exception">What the client threw.</param>
    /// <returns>The fault.</returns>
    public static TeacherFault From(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var status = exception is HttpRequestException { StatusCode: { } code } ? (int)code : (int?)null;
        var kind = exception switch
        {
            TimeoutException or OperationCanceledException => TeacherFaultKind.TimedOut,
            _ => status switch
            {
                (int)HttpStatusCode.TooManyRequests => TeacherFaultKind.RateLimited,
                (int)HttpStatusCode.RequestTimeout => TeacherFaultKind.TimedOut,
                >= 400 and < 500 => TeacherFaultKind.Permanent,
                _ => TeacherFaultKind.Transient,
            },
        };
        return new TeacherFault(kind, exception.Message) { Status = status };
    }
}
