using System.Net;
using Microsoft.Extensions.Time.Testing;

namespace MiniMind.Extensions.AI.Tests;

public class TeacherFaultTests
{
    public static TheoryData<Exception, TeacherFaultKind> Faults => new()
    {
        { RetryAfterClient.Status(429), TeacherFaultKind.RateLimited },
        { RetryAfterClient.Status(429, body: """{"error":{"code":"insufficient_quota"}}"""), TeacherFaultKind.Permanent },
        { RetryAfterClient.Status(400, body: """{"error":{"code":"content_filter"}}"""), TeacherFaultKind.Refused },
        { RetryAfterClient.Status(400, body: """{"error":{"code":"context_length_exceeded"}}"""), TeacherFaultKind.Refused },
        { RetryAfterClient.Status(400), TeacherFaultKind.Permanent },
        { RetryAfterClient.Status(401), TeacherFaultKind.Permanent },
        { RetryAfterClient.Status(404), TeacherFaultKind.Permanent },
        { RetryAfterClient.Status(408), TeacherFaultKind.TimedOut },
        { RetryAfterClient.Status(500), TeacherFaultKind.Transient },
        { RetryAfterClient.Status(529), TeacherFaultKind.Transient },
        { new AggregateException(RetryAfterClient.Status(500), RetryAfterClient.Status(429)), TeacherFaultKind.RateLimited },
        { new InvalidOperationException("wrapped", new HttpRequestException("x", null, HttpStatusCode.Forbidden)), TeacherFaultKind.Permanent },
        { new HttpRequestException("no such host"), TeacherFaultKind.Transient },
        { new IOException("the connection was closed"), TeacherFaultKind.Transient },
        { new TaskCanceledException("late"), TeacherFaultKind.TimedOut },
        { new TimeoutException(), TeacherFaultKind.TimedOut },
        { new NotSupportedException("no chat"), TeacherFaultKind.Permanent },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void A_fault_is_told_by_what_the_client_threw(Exception exception, TeacherFaultKind kind) => Assert.Equal(kind, TeacherFault.From(exception).Kind);

    [Theory]
    [InlineData("Retry-After", "7", 7.0)]
    [InlineData("Retry-After", "0.5", 0.5)]
    [InlineData("retry-after-ms", "1500", 1.5)]
    [InlineData("Retry-After", "Sat, 01 Jan 2000 00:01:30 GMT", 90.0)]
    [InlineData("Retry-After", "Fri, 31 Dec 1999 00:00:00 GMT", 0.0)]
    [InlineData("Retry-After", "soon", null)]
    [InlineData("Retry-After", "-1", null)]
    public void The_time_to_wait_is_read_in_every_form(string header, string value, double? seconds)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero));

        Assert.Equal(seconds, TeacherFault.From(RetryAfterClient.Status(429, new() { [header] = value }), time).RetryAfter?.TotalSeconds);
    }

    [Theory]
    [InlineData("Incorrect API key provided: sk-abcdEFGH12345678ijkl. Find it", "sk-abcd")]
    [InlineData("Authorization: Bearer abc.def.ghi", "abc.def")]
    [InlineData("api_key=0123456789abcdef", "0123456789")]
    public void A_message_holds_no_key(string text, string secret)
    {
        var message = TeacherFault.From(RetryAfterClient.Status(401, body: text)).Message;

        Assert.DoesNotContain(secret, message, StringComparison.Ordinal);
        Assert.Contains("[key]", message, StringComparison.Ordinal);
    }
}
