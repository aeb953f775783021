using System.CommandLine;
using Microsoft.Extensions.AI;
using MiniMind.Extensions.AI;
using MiniMind.Training;

namespace MiniMind.Samples.Harvest;

/// <summary>The options of the command.</summary>
internal static class CommandLine
{
    private static readonly Option<string> Teacher = new("--teacher") { Required = true, Description = "address of a service with OpenAI's protocol, such as http://localhost:11434/v1" };
    private static readonly Option<string> Model = new("--teacher-model") { Required = true, Description = "the model's name there" };
    private static readonly Option<string?> ApiKeyVariable = new("--api-key-env") { Description = "environment variable that holds the API key; none: no key" };
    private static readonly Option<string> Problems = new("--problems") { Required = true, Description = "JSONL file of problems: question and answer (GSM8K as published too), or messages" };
    private static readonly Option<string> Out = Value("--out", "out/harvest", "folder for the ledger, train.jsonl, dataset.json and the data card");
    private static readonly Option<int?> Limit = new("--limit") { Description = "only the first so many problems" };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "ask for the first twenty problems only (the harvest reuses them) and estimate the rest" };

    private static readonly Option<int> Samples = Value("--samples", 1, "replies to each problem");
    private static readonly Option<int?> StopAfterRight = new("--enough-right") { Description = "stop asking for a problem when so many replies are right" };
    private static readonly Option<ReplyCheck> Verifier = Value(
        "--verifier", ReplyCheck.Auto, "answer (by value), exact, choice (letters A to D), steps (answer and computations), majority, judge, none; auto: answer where there is one, else majority");
    private static readonly Option<string?> JudgeModel = new("--judge-model") { Description = "the judge's model, for --verifier judge" };
    private static readonly Option<string?> Judge = new("--judge") { Description = "address of the judge's service (the teacher's)" };
    private static readonly Option<string?> JudgeKeyVariable = new("--judge-api-key-env") { Description = "environment variable that holds its API key (the teacher's, at the teacher's address)" };
    private static readonly Option<ExampleAnswer> Answer = Value("--answer", ExampleAnswer.TeachersText, "what examples answer: TeachersText, or ExpectedAnswer where the reply is right");
    private static readonly Option<bool> WithoutReasoning = new("--keep-without-reasoning") { Description = "replies without reasoning may be examples" };

    private static readonly Option<string?> SystemPrompt = new("--system") { Description = "system prompt" };
    private static readonly Option<FileInfo> SystemFile = new("--system-file") { Description = "file of the system prompt" };
    private static readonly Option<FileInfo> FewShot = new("--few-shot") { Description = "JSONL file of conversations that show the teacher how to reply" };
    private static readonly Option<float?> Temperature = new("--temperature") { Description = "sampling temperature (the service's)" };
    private static readonly Option<float?> TopP = new("--top-p") { Description = "nucleus of sampling (the service's)" };
    private static readonly Option<int?> MaxTokens = new("--max-output-tokens") { Description = "longest reply, reasoning included (the service's)" };
    private static readonly Option<long?> Seed = new("--seed") { Description = "seed of the first sample; each has its own (none)" };
    private static readonly Option<ReasoningEffort?> Effort = new("--effort") { Description = "how much to reason: None, Low, Medium, High, ExtraHigh (the service's)" };
    private static readonly Option<bool> Stream = new("--stream") { Description = "stream replies, which keeps connections alive while a teacher thinks" };

    private static readonly Option<int> Concurrency = Value("--concurrency", 8, "requests under way at the same time");
    private static readonly Option<int?> RequestsPerMinute = new("--requests-per-minute") { Description = "most requests in any minute (no limit)" };
    private static readonly Option<int?> TokensPerMinute = new("--tokens-per-minute") { Description = "most tokens in any minute (no limit)" };
    private static readonly Option<int> Timeout = Value("--timeout", 600, "seconds a reply may take");
    private static readonly Option<int> Retries = Value("--retries", 5, "repetitions of a request after a fault that may pass");

    private static readonly Option<long?> BudgetRequests = new("--budget-requests") { Description = "most requests of all runs together (no limit)" };
    private static readonly Option<long?> BudgetTokens = new("--budget-tokens") { Description = "most tokens of all runs together (no limit)" };
    private static readonly Option<decimal?> BudgetMoney = new("--budget-money") { Description = "most money of all runs together, by the prices (no limit)" };
    private static readonly Option<decimal> PriceInput = Value("--price-input", 0m, "price of a million tokens of requests");
    private static readonly Option<decimal> PriceOutput = Value("--price-output", 0m, "price of a million tokens of replies");
    private static readonly Option<string> Currency = Value("--currency", "USD", "what prices are in");

    /// <summary>Creates the command.</summary>
    /// <param name="run">Does the work.</param>
    public static RootCommand Create(Func<ParseResult, CancellationToken, Task<int>> run)
    {
        var command = new RootCommand("Asks a teacher for written reasoning and makes training data of it. Run it again to go on where it stopped.")
        {
            Teacher, Model, ApiKeyVariable, Problems, Out, Limit, DryRun, Samples, StopAfterRight, Verifier, JudgeModel, Judge, JudgeKeyVariable, Answer,
            WithoutReasoning, SystemPrompt, SystemFile, FewShot, Temperature,
            TopP, MaxTokens, Seed, Effort, Stream, Concurrency, RequestsPerMinute, TokensPerMinute, Timeout, Retries, BudgetRequests, BudgetTokens, BudgetMoney,
            PriceInput, PriceOutput, Currency,
        };
        SystemFile.AcceptExistingOnly();
        FewShot.AcceptExistingOnly();
        command.Validators.Add(result =>
        {
            if (result.GetResult(JudgeModel) is null && (result.GetResult(Judge) ?? result.GetResult(JudgeKeyVariable)) is not null)
                result.AddError("the judge's address or key is given without --judge-model; expected all of them");
            if (result.GetResult(SystemPrompt) is not null && result.GetResult(SystemFile) is not null)
                result.AddError("--system and --system-file are given; expected one of them");
        });
        command.SetAction(run);
        return command;
    }

    /// <exception cref="IOException">The file of the system prompt cannot be read.</exception>
    /// <exception cref="DatasetException">The file of examples cannot be read.</exception>
    public static HarvestSettings Read(ParseResult parsed) => new()
    {
        Teacher = new Service("--teacher", parsed.GetValue(Teacher)!, parsed.GetValue(Model)!, parsed.GetValue(ApiKeyVariable)),
        Judge = ReadJudge(parsed),
        Problems = parsed.GetValue(Problems)!,
        Limit = parsed.GetValue(Limit),
        Verifier = parsed.GetValue(Verifier),
        IsDryRun = parsed.GetValue(DryRun),
        Options = new HarvestOptions
        {
            Directory = parsed.GetValue(Out)!,
            // A server that has moved is the same teacher.
            TeacherId = parsed.GetValue(Model),
            Samples = parsed.GetValue(Samples),
            StopAfterRight = parsed.GetValue(StopAfterRight),
            Answer = parsed.GetValue(Answer),
            KeepRepliesWithoutReasoning = parsed.GetValue(WithoutReasoning),
            SystemPrompt = parsed.GetValue(SystemFile) is { } file ? File.ReadAllText(file.FullName).Trim() : parsed.GetValue(SystemPrompt),
            FewShot = parsed.GetValue(FewShot) is { } examples ? [.. new ConversationReader().Read(examples.FullName).SelectMany(c => c.Turns)] : [],
            Chat = new ChatOptions
            {
                Temperature = parsed.GetValue(Temperature),
                TopP = parsed.GetValue(TopP),
                MaxOutputTokens = parsed.GetValue(MaxTokens),
                Seed = parsed.GetValue(Seed),
                Reasoning = parsed.GetValue(Effort) is { } effort ? new ReasoningOptions { Effort = effort } : null,
            },
            UseStreaming = parsed.GetValue(Stream),
            Concurrency = parsed.GetValue(Concurrency),
            RequestsPerMinute = parsed.GetValue(RequestsPerMinute),
            TokensPerMinute = parsed.GetValue(TokensPerMinute),
            Timeout = TimeSpan.FromSeconds(parsed.GetValue(Timeout)),
            MaxRetries = parsed.GetValue(Retries),
            Budget = { Requests = parsed.GetValue(BudgetRequests), Tokens = parsed.GetValue(BudgetTokens), Money = parsed.GetValue(BudgetMoney) },
            Prices = { InputPerMillion = parsed.GetValue(PriceInput), OutputPerMillion = parsed.GetValue(PriceOutput), Currency = parsed.GetValue(Currency)! },
        },
    };

    /// <summary>A key goes only to the address that it was given for.</summary>
    private static Service? ReadJudge(ParseResult parsed) => parsed.GetValue(JudgeModel) is not { } model
        ? null
        : new Service(
            "--judge",
            parsed.GetValue(Judge) ?? parsed.GetValue(Teacher)!,
            model,
            parsed.GetValue(JudgeKeyVariable) ?? (parsed.GetValue(Judge) is null ? parsed.GetValue(ApiKeyVariable) : null));

    private static Option<T> Value<T>(string name, T defaultValue, string description) =>
        new(name) { DefaultValueFactory = _ => defaultValue, Description = description };
}
