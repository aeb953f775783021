using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using MiniMind.Extensions.AI;
using OpenAI;

namespace MiniMind.Samples.ReasonDistill;

/// <summary>The teacher that was asked for, and how it is asked.</summary>
internal static class Teachers
{
    /// <summary>Made up, so that the table has something to show.</summary>
    private static readonly TokenPrices WordProblemPrices = new() { InputPerMillion = 0.5m, OutputPerMillion = 2m };

    /// <exception cref="ArgumentException">The environment variable that should hold the key is not set.</exception>
    public static IChatClient Create(RunSettings settings)
    {
        if (settings.Teacher is null)
            return new WordProblemTeacher();
        var key = settings.ApiKeyVariable is not { } variable ? "none"
            : Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value
            : throw new ArgumentException($"the environment variable {variable} is not set; expected the teacher's key in it (--api-key-env)");
        // The harvester repeats requests itself; both together would multiply.
        var options = new OpenAIClientOptions { Endpoint = settings.Teacher, RetryPolicy = new ClientRetryPolicy(maxRetries: 0), NetworkTimeout = TimeSpan.FromMinutes(10) };
        return new OpenAI.Chat.ChatClient(settings.TeacherModel, new ApiKeyCredential(key), options).AsIChatClient();
    }

    public static HarvestOptions HarvestOptions(RunSettings settings) => new()
    {
        Directory = settings.PathOf("harvest"),
        Samples = 2,
        StopAfterRight = 1,
        Chat = new ChatOptions { Seed = settings.Training.Seed, Temperature = 0.7f },
        SystemPrompt = settings.Teacher is null ? null : "Solve the problem step by step, one computation in a line. Then state the answer alone.",
        Concurrency = settings.Teacher is null ? 64 : 16,
        RetryDelay = TimeSpan.FromSeconds(settings.Teacher is null ? 0.5 : 2),
        Answer = ExampleAnswer.ExpectedAnswer,
        Prices = Prices(settings) ?? new TokenPrices(),
    };

    /// <summary>What the teacher's tokens cost, where this sample knows it.</summary>
    public static TokenPrices? Prices(RunSettings settings) => settings.Teacher is null ? WordProblemPrices : null;
}
