using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>Settings of <see cref="ChatClientEvaluator"/>.</summary>
public sealed record ChatClientEvaluatorOptions
{
    /// <summary>Replies to each problem. Default 1.</summary>
    public int Samples { get; set; } = 1;

    /// <summary>What each request asks of the client; with a seed, each sample has its own. Default: the client's own defaults.</summary>
    public ChatOptions Chat { get; set; } = new();

    /// <summary>A system turn before everything; <see langword="null"/> (default) for none.</summary>
    public string? SystemPrompt { get; set; }

    /// <summary>What counts as the expected answer. Default <see cref="NumericAnswerComparer"/>; <see cref="VerifierComparer"/> makes one of a verifier.</summary>
    public IAnswerComparer Comparer { get; set; } = new NumericAnswerComparer();

    /// <summary>Counts the tokens of replies where the client does not say how many they are. <see langword="null"/> (default): such replies count as none.</summary>
    public MiniMindTokenizer? Tokenizer { get; set; }

    /// <summary>Requests under way at the same time. Default 8.</summary>
    public int Concurrency { get; set; } = 8;

    /// <summary>How long a reply may take. Default 10 minutes.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often a request is repeated after a fault that may pass. Default 5.</summary>
    public int MaxRetries { get; set; } = 5;

    /// <summary>The first wait before a request is repeated. Default 2 seconds.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The clock. Default the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value that is wrong.</exception>
    public void Validate() => new OptionsFaults(typeof(ChatClientEvaluatorOptions))
        .Require(Comparer is not null, Comparer, "a comparer")
        .Nest(() => ToHarvest().Validate(), "requests")
        .ThrowIfAny();

    /// <summary>The same settings as a harvest's, whose way of asking is used.</summary>
    internal HarvestOptions ToHarvest() => new()
    {
        Directory = ".",
        Samples = Samples,
        Chat = Chat,
        SystemPrompt = SystemPrompt,
        Concurrency = Concurrency,
        Timeout = Timeout,
        MaxRetries = MaxRetries,
        RetryDelay = RetryDelay,
        MaxRetryDelay = RetryDelay > TimeSpan.FromMinutes(5) ? RetryDelay : TimeSpan.FromMinutes(5),
        TimeProvider = TimeProvider,
    };
}
