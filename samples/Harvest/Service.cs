using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

namespace MiniMind.Samples.Harvest;

/// <summary>A model behind OpenAI's protocol.</summary>
/// <param name="Option">The option that names its address.</param>
/// <param name="Address">Its address.</param>
/// <param name="Model">The model's name there.</param>
/// <param name="KeyVariable">The environment variable that holds its API key; none for a server that needs none.</param>
internal sealed record Service(string Option, string Address, string Model, string? KeyVariable)
{
    /// <param name="retries">How often the client repeats a request by itself: 0 for the harvester, which repeats requests and watches the time, and with which
    /// it would multiply.</param>
    /// <exception cref="ArgumentException">The address is none, or the variable holds no key.</exception>
    public IChatClient Connect(int retries)
    {
        if (!Uri.TryCreate(Address, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new ArgumentException($"{Option} is {Address}; expected an address such as http://localhost:11434/v1");
        return new ChatClient(Model, new ApiKeyCredential(Key()), new OpenAIClientOptions
        {
            Endpoint = address,
            RetryPolicy = new ClientRetryPolicy(retries),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        }).AsIChatClient();
    }

    private string Key()
    {
        // The client demands a key; servers on one's own machine do not look at it.
        if (KeyVariable is null)
            return "none";
        return Environment.GetEnvironmentVariable(KeyVariable)?.Trim() is { Length: > 0 } key
            ? key
            : throw new ArgumentException($"the environment variable {KeyVariable} is empty; expected the API key of {Address} in it");
    }
}
