using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

namespace MiniMind.Samples.Harvest;

/// <summary>A teacher behind OpenAI's protocol.</summary>
internal static class TeacherClient
{
    /// <exception cref="ArgumentException">The address is none, or the variable holds no key.</exception>
    public static IChatClient Create(HarvestSettings settings)
    {
        if (!Uri.TryCreate(settings.Teacher, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new ArgumentException($"--teacher is {settings.Teacher}; expected an address such as http://localhost:11434/v1");
        return new ChatClient(settings.Model, new ApiKeyCredential(Key(settings.ApiKeyVariable)), new OpenAIClientOptions
        {
            Endpoint = address,
            // The harvester repeats requests and watches the time; what the client did by itself would multiply with it.
            RetryPolicy = new ClientRetryPolicy(0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        }).AsIChatClient();
    }

    private static string Key(string? variable)
    {
        // The client demands a key; servers on one's own machine do not look at it.
        if (variable is null)
            return "none";
        return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } key
            ? key.Trim()
            : throw new ArgumentException($"the environment variable {variable} is empty; expected the teacher's API key in it (--api-key-env)");
    }
}
