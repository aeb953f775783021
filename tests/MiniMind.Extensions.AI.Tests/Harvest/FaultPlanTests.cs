using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace MiniMind.Extensions.AI.Tests;

/// <summary>A teacher with all the faults of real ones, under a clock of its own, killed at every point of a run.</summary>
public sealed class FaultPlanTests : HarvestFixture
{
    private const int ProblemCount = 24;
    private const int AllowedRequests = 20;
    private const int AllowedTokens = 400;
    private const int Concurrency = 4;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Killed_at_two_hundred_points_the_same_examples_come_of_it_and_no_reply_is_paid_twice()
    {
        var expected = await UninterruptedAsync();
        var random = new Random(5);
        for (var point = 1; point <= 200; point++)
        {
            var folder = Path.Combine(Folder, $"{point}");
            var time = new FakeTimeProvider();
            using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            var events = 0;
            using var first = Teacher(time, () =>
            {
                if (Interlocked.Increment(ref events) == point)
                    kill.Cancel();
            });
            var killed = await LiveAsync(first, folder, time, kill.Token);
            Tear(folder, random);
            var recorded = Answered(folder);
            using var second = Teacher(time, () => { });

            Assert.True(await LiveAsync(second, folder, time, Cancellation) is not null, $"point {point}");

            Assert.Equal(expected, File.ReadAllText(Path.Combine(folder, "train.jsonl")));
            Assert.True(killed is null || point >= 90, $"the kill at point {point} came too late");
            Assert.Empty(second.Paid.Keys.Intersect(recorded));
            AssertPace(first);
            AssertPace(second);
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task All_requests_wait_as_long_as_the_teacher_asks()
    {
        var time = new FakeTimeProvider();
        var (asked, refused) = (0, DateTimeOffset.MinValue);
        var allAreUnderWay = new TaskCompletionSource();
        using var teacher = new ScriptedTeacher(
            async r =>
            {
                var number = Interlocked.Increment(ref asked);
                if (number > Concurrency)
                    return Right(r.Question);
                if (number == Concurrency)
                {
                    refused = time.GetUtcNow();
                    allAreUnderWay.SetResult();
                }

                await allAreUnderWay.Task;
                throw RetryAfterClient.TooMany("90");
            },
            time);

        var report = await LiveAsync(teacher, Folder, time, Cancellation, Options with { TimeProvider = time, Concurrency = Concurrency });

        Assert.Equal(ProblemCount, report!.Counts.Kept);
        Assert.Equal(ProblemCount + Concurrency, teacher.Requests);
        Assert.All(teacher.Times.Skip(Concurrency), t => Assert.True(t - refused >= TimeSpan.FromSeconds(90), $"asked after {t - refused}"));
    }

    [Fact]
    public async Task Without_a_time_to_wait_pauses_grow_once_for_all_requests_under_way()
    {
        var time = new FakeTimeProvider();
        using var teacher = new ScriptedTeacher(
            async r =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), time, r.CancellationToken);
                return r.Before < 3 ? throw ScriptedTeacher.Fault(HttpStatusCode.TooManyRequests) : Right(r.Question);
            },
            time);

        var report = await LiveAsync(teacher, Folder, time, Cancellation, Options with { TimeProvider = time, Concurrency = Concurrency, RetryDelay = TimeSpan.FromSeconds(4) }, problems: Concurrency, isSlow: true);

        Assert.Equal(Concurrency, report!.Counts.Kept);
        Assert.Equal(4 * Concurrency, teacher.Requests);
        // 4, 8 and 16 seconds, a quarter more or less, and what a slow machine's threads come late.
        Assert.InRange(report.Counts.Elapsed.TotalSeconds, 21, 80);
    }

    /// <summary>The clock goes on while a request that was let through is on its way, so a window is a little shorter here.</summary>
    [Fact]
    public async Task Requests_a_minute_are_used_up_and_not_exceeded()
    {
        var time = new FakeTimeProvider();
        using var teacher = new ScriptedTeacher(r => Task.FromResult(Right(r.Question)), time);

        var report = await LiveAsync(teacher, Folder, time, Cancellation, Options with { TimeProvider = time, Concurrency = Concurrency, RequestsPerMinute = AllowedRequests }, problems: 60, isSlow: true);

        var window = Minute - TimeSpan.FromSeconds(5);
        Assert.Equal(60, report!.Counts.Kept);
        Assert.All(teacher.Times, start => Assert.InRange(teacher.Times.Count(t => t >= start && t - start < window), 1, AllowedRequests));
        Assert.InRange(report.Counts.Elapsed.TotalMinutes, 2, 3);
    }

    [Fact]
    public async Task A_teacher_that_asks_to_wait_for_too_long_ends_the_run()
    {
        var time = new FakeTimeProvider();
        using var teacher = new ScriptedTeacher(_ => Task.FromException<ChatResponse>(RetryAfterClient.TooMany("7200")), time);

        var exception = await Assert.ThrowsAsync<TeacherException>(() => LiveAsync(teacher, Folder, time, Cancellation, Options with { TimeProvider = time }));

        Assert.Contains("02:00:00", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_teacher_that_is_down_ends_the_run_and_the_next_run_asks_again()
    {
        var time = new FakeTimeProvider();
        var isDown = true;
        using var teacher = new ScriptedTeacher(r => isDown ? throw ScriptedTeacher.Fault(HttpStatusCode.ServiceUnavailable) : Task.FromResult(Right(r.Question)), time);
        var options = Options with { TimeProvider = time, MaxRetries = 1, MaxConsecutiveFailures = 3 };

        var exception = await Assert.ThrowsAsync<TeacherException>(() => LiveAsync(teacher, Folder, time, Cancellation, options));
        isDown = false;

        Assert.Contains("3 requests in a row have failed", exception.Message, StringComparison.Ordinal);
        Assert.Equal(ProblemCount, (await LiveAsync(teacher, Folder, time, Cancellation, options))!.Counts.Kept);
    }

    [Fact]
    public async Task A_request_that_fails_for_now_costs_its_problem_and_not_the_run()
    {
        var time = new FakeTimeProvider();
        using var teacher = new ScriptedTeacher(
            r => Number(r.Question) == 3 && r.Before < 2 ? throw ScriptedTeacher.Fault(HttpStatusCode.BadGateway) : Task.FromResult(Right(r.Question)), time);
        var options = Options with { TimeProvider = time, MaxRetries = 1 };

        var first = await LiveAsync(teacher, Folder, time, Cancellation, options);
        var second = await LiveAsync(teacher, Folder, time, Cancellation, options);

        Assert.Equal((ProblemCount - 1, 1), (first!.Counts.Kept, first.Counts.Failed));
        Assert.Equal((ProblemCount, 1, 0), (second!.Counts.Kept, second.Counts.Asked, second.Counts.Failed));
    }

    [Fact]
    public async Task A_reply_that_comes_too_late_is_taken_because_it_is_paid()
    {
        var time = new FakeTimeProvider();
        using var teacher = new ScriptedTeacher(
            async r =>
            {
                // This client does not listen to cancellation.
                await Task.Delay(TimeSpan.FromMinutes(3), time, Cancellation);
                return Right(r.Question);
            },
            time);

        var report = await LiveAsync(teacher, Folder, time, Cancellation, Options with { TimeProvider = time, Timeout = Minute });

        Assert.Equal((ProblemCount, ProblemCount), (report!.Counts.Kept, teacher.Requests));
    }

    [Fact]
    public async Task A_stream_that_just_stops_was_cut_and_is_asked_again()
    {
        var time = new FakeTimeProvider();
        using var teacher = new ScriptedTeacher(
            r =>
            {
                var reply = Right(r.Question);
                if (r.Before == 0)
                    reply.FinishReason = null;
                return Task.FromResult(reply);
            },
            time);

        var report = await LiveAsync(teacher, Folder, time, Cancellation, Options with { TimeProvider = time, UseStreaming = true });

        Assert.Equal((ProblemCount, 2 * ProblemCount), (report!.Counts.Kept, teacher.Requests));
    }

    private async Task<string> UninterruptedAsync()
    {
        var time = new FakeTimeProvider();
        using var teacher = Teacher(time, () => { });
        var folder = Path.Combine(Folder, "whole");
        var report = await LiveAsync(teacher, folder, time, Cancellation);
        Assert.InRange(report!.Counts.Kept, ProblemCount, (2 * ProblemCount) - 6);
        Assert.True(report.Counts.Rejections.Count >= 3, string.Join(", ", report.Counts.Rejections));
        AssertPace(teacher);
        return File.ReadAllText(Path.Combine(folder, "train.jsonl"));
    }

    /// <summary>One life of a harvest; null if it was killed.</summary>
    private static async Task<HarvestReport?> LiveAsync(
        ScriptedTeacher teacher, string folder, FakeTimeProvider time, CancellationToken kill, HarvestOptions? options = null, int problems = ProblemCount, bool isSlow = false)
    {
        options ??= new HarvestOptions
        {
            Directory = folder,
            Chat = new ChatOptions { Seed = 0 },
            Samples = 2,
            Concurrency = Concurrency,
            RequestsPerMinute = AllowedRequests,
            TokensPerMinute = AllowedTokens,
            Timeout = TimeSpan.FromSeconds(30),
            TimeProvider = time,
        };
        var run = new ReasoningHarvester(teacher, options).RunAsync(Problems(problems), new Same(), cancellationToken: kill);
        while (!run.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            // Whoever measures time gives the threads time to follow the clock.
            if (isSlow)
                await Task.Delay(3, Cancellation);
            else
                await Task.Yield();
        }

        try
        {
            return await run;
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Faults by problem; every second request of a faulty problem goes well.</summary>
    private static ScriptedTeacher Teacher(FakeTimeProvider time, Action tick) => new(
        async r =>
        {
            tick();
            var number = Number(r.Question);
            await Task.Delay(TimeSpan.FromSeconds(1 + (((number * 7) + r.Seed) % 5)), time, r.CancellationToken);
            if (r.Before == 0)
                switch (number % 8)
                {
                    case 0:
                        throw RetryAfterClient.TooMany("20");
                    case 1:
                        throw ScriptedTeacher.Fault(HttpStatusCode.TooManyRequests);
                    case 2:
                        throw ScriptedTeacher.Fault(HttpStatusCode.InternalServerError);
                    case 3:
                        await Task.Delay(TimeSpan.FromHours(1), time, r.CancellationToken);
                        break;
                    case 4:
                        throw new IOException("the connection was closed");
                }

            tick();
            return ((number + (3 * r.Seed)) % 6) switch
            {
                1 => ScriptedTeacher.Reply("wrong", "I think it is"),
                2 => ScriptedTeacher.Reply($"{number + 1}"),
                3 when r.Seed == 1 => ScriptedTeacher.Reply($"{number + 1}", "so far", ChatFinishReason.Length),
                _ => Right(r.Question),
            };
        },
        time);

    /// <summary>What a kill may leave: the last line half written, or not at all.</summary>
    private static void Tear(string folder, Random random)
    {
        var path = Path.Combine(folder, "attempts.jsonl");
        if (!File.Exists(path) || random.Next(3) == 0)
            return;
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length == 0)
            return;
        var lastLine = bytes.AsSpan(0, bytes.Length - 1).LastIndexOf((byte)'\n') + 1;
        File.WriteAllBytes(path, bytes[..random.Next(lastLine, bytes.Length)]);
    }

    private static HashSet<string> Answered(string folder)
    {
        var path = Path.Combine(folder, "attempts.jsonl");
        var answered = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in File.Exists(path) ? File.ReadAllLines(path) : [])
            if (line.EndsWith('}') && TryParse(line) is { } attempt && !attempt.TryGetProperty("error", out _))
                answered.Add($"{attempt.GetProperty("request").EnumerateArray().Last().GetProperty("content").GetString()}#{attempt.GetProperty("sample").GetInt32()}");
        return answered;
    }

    private static JsonElement? TryParse(string line)
    {
        try
        {
            return JsonDocument.Parse(line).RootElement;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void AssertPace(ScriptedTeacher teacher)
    {
        Assert.InRange(teacher.MostUnderWay, 0, Concurrency);
        var times = teacher.Times;
        foreach (var start in times)
            Assert.InRange(times.Count(t => t >= start && t - start < Minute), 1, AllowedRequests);
    }
}
