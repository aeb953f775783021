using System.Threading.RateLimiting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>Settings of <see cref="ReasoningHarvester"/>.</summary>
public sealed record HarvestOptions
{
    /// <summary>Longer than this Polly does not wait.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>The harvest's folder: the ledger, and what is derived from it. One run at a time has it.</summary>
    public string Directory { get; set; } = string.Empty;

    /// <summary>What the teacher is called in the ledger's keys and in the data. <see langword="null"/> (default) for the client's provider and model
    /// (<see cref="ChatClientMetadata"/>). Another name makes other keys: everything is asked anew.</summary>
    public string? TeacherId { get; set; }

    /// <summary>Replies to each problem. Default 1.</summary>
    public int Samples { get; set; } = 1;

    /// <summary>So many right replies to a problem are enough: its samples are asked one after another, and the rest is not asked. <see langword="null"/> (default)
    /// asks all, and at the same time.</summary>
    public int? StopAfterRight { get; set; }

    /// <summary>A system turn before everything; <see langword="null"/> (default) for none.</summary>
    public string? SystemPrompt { get; set; }

    /// <summary>Turns that show the teacher how to reply, before each problem's own. Default none.</summary>
    public IReadOnlyList<ChatTurn> FewShot { get; set; } = [];

    /// <summary>What each request asks of the client: temperature, longest reply, effort of reasoning (<see cref="ChatOptions.Reasoning"/>) and more. With
    /// a seed, each sample has its own, the seed plus its number. Default: the client's own defaults.</summary>
    public ChatOptions Chat { get; set; } = new();

    /// <summary>Whether replies are streamed, which keeps connections alive while a teacher thinks for minutes. Default false.</summary>
    public bool UseStreaming { get; set; }

    /// <summary>Requests under way at the same time. Default 8.</summary>
    public int Concurrency { get; set; } = 8;

    /// <summary>Most requests sent in any minute. <see langword="null"/> (default) for no limit.</summary>
    public int? RequestsPerMinute { get; set; }

    /// <summary>Most tokens of requests and replies in any minute; a request under way counts as the largest so far, and as 1,000 at least. <see langword="null"/> (default) for no
    /// limit.</summary>
    public int? TokensPerMinute { get; set; }

    /// <summary>A limiter that each request asks for one permit, to share a limit with other code. Default none. It is not disposed of.</summary>
    public RateLimiter? Limiter { get; set; }

    /// <summary>How long a reply may take, up to 1 day. Default 10 minutes. A reply that comes although it was late is taken.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often a request is repeated after a fault that may pass. Default 5. A client that repeats requests itself multiplies with it: set one of
    /// the two to 0. Whatever the client does, all requests wait while the teacher has asked to.</summary>
    public int MaxRetries { get; set; } = 5;

    /// <summary>The first wait before a request is repeated; it doubles with each repetition, by chance somewhat more or less. Default 2 seconds.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest such wait, and the longest that a teacher may ask for: one that asks for more ends the run. Up to 1 day. Default 5 minutes.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>So many requests that fail in a row, all repetitions included, end the run. Default 10.</summary>
    public int MaxConsecutiveFailures { get; set; } = 10;

    /// <summary>The run ends when so many replies used reasoning tokens, and no reasoning has arrived with any reply: the client drops it. Default 20.</summary>
    public int MissingReasoningLimit { get; set; } = 20;

    /// <summary>What the harvest may use. Default no limits.</summary>
    public HarvestBudget Budget { get; set; } = new();

    /// <summary>What tokens cost. Default nothing.</summary>
    public TokenPrices Prices { get; set; } = new();

    /// <summary>Whether a reply without reasoning may be an example, with an empty think block. Default false.</summary>
    public bool KeepRepliesWithoutReasoning { get; set; }

    /// <summary>What stands between an example's answer tags. Default the teacher's text.</summary>
    public ExampleAnswer Answer { get; set; } = ExampleAnswer.TeachersText;

    /// <summary>The clock. Default the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate() => new OptionsFaults(typeof(HarvestOptions))
        .Require(!string.IsNullOrWhiteSpace(Directory), Directory, "the harvest's folder")
        .Require(TeacherId is null || TeacherId.Trim().Length > 0, TeacherId, "a name, or null for the client's own")
        .Require(Samples >= 1, Samples, "1 or more")
        .Require(StopAfterRight is null or >= 1, StopAfterRight, "1 or more, or null")
        .Require(FewShot is not null, FewShot, "turns")
        .Require(Chat is not null, Chat, "chat options")
        .Require(Concurrency >= 1, Concurrency, "1 or more")
        .Require(RequestsPerMinute is null or >= 1, RequestsPerMinute, "1 or more, or null")
        .Require(TokensPerMinute is null or >= 1, TokensPerMinute, "1 or more, or null")
        .Require(Timeout > TimeSpan.Zero && Timeout <= LongestWait, Timeout, $"a positive time up to {LongestWait}")
        .Require(MaxRetries >= 0, MaxRetries, "0 or more")
        .Require(RetryDelay > TimeSpan.Zero, RetryDelay, "a positive time")
        .Require(MaxRetryDelay >= RetryDelay && MaxRetryDelay <= LongestWait, MaxRetryDelay, $"RetryDelay or more, up to {LongestWait}")
        .Require(MaxConsecutiveFailures >= 1, MaxConsecutiveFailures, "1 or more")
        .Require(MissingReasoningLimit >= 1, MissingReasoningLimit, "1 or more")
        .Require(Budget is not null, Budget, "a budget")
        .Require(Budget is not { Requests: < 0 }, Budget?.Requests, "0 or more, or null", "Budget.Requests")
        .Require(Budget is not { Tokens: < 0 }, Budget?.Tokens, "0 or more, or null", "Budget.Tokens")
        .Require(Budget is not { Money: < 0 }, Budget?.Money, "0 or more, or null", "Budget.Money")
        .Require(Prices is { InputPerMillion: >= 0, OutputPerMillion: >= 0, Currency: not null }, Prices, "prices of 0 or more, and a currency")
        .Require(
            Budget is not { Money: not null } || Prices is not { InputPerMillion: 0, OutputPerMillion: 0 },
            $"{nameof(Budget)}.{nameof(HarvestBudget.Money)} is {Budget?.Money}, and {nameof(Prices)} are all 0; expected prices, because nothing would ever cost anything.")
        .Require(Enum.IsDefined(Answer), Answer, "one of its values")
        .Require(TimeProvider is not null, TimeProvider, "a clock")
        .ThrowIfAny();
}
