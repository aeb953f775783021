using Microsoft.Extensions.AI;
using MiniMind;
using MiniMind.Extensions.AI;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers students as chat clients.</summary>
public static class MiniMindChatClientServiceCollectionExtensions
{
    /// <summary>Registers a student as the one <see cref="IChatClient"/>. It is made when it is first asked for, and the container disposes of it.</summary>
    /// <param name="services">The services.</param>
    /// <param name="directory">A model directory with its tokenizer; <see langword="null"/> (default) for the container's own <see cref="MiniMindLM"/> and
    /// <see cref="MiniMindTokenizer"/>, such as the student that is being trained.</param>
    /// <param name="configure">Changes the settings; none by default.</param>
    /// <param name="serviceKey">The key under which it is registered; <see langword="null"/> (default) for none.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddMiniMindChatClient(
        this IServiceCollection services, string? directory = null, Action<MiniMindChatClientOptions>? configure = null, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        IChatClient Create(IServiceProvider provider) => directory is not null
            ? MiniMindChatClient.Load(directory, Configured(configure))
            : new MiniMindChatClient(provider.GetRequiredService<MiniMindLM>(), provider.GetRequiredService<MiniMindTokenizer>(), Configured(configure));
        return serviceKey is null ? services.AddSingleton(Create) : services.AddKeyedSingleton(serviceKey, (provider, _) => Create(provider));
    }

    private static MiniMindChatClientOptions Configured(Action<MiniMindChatClientOptions>? configure)
    {
        var options = new MiniMindChatClientOptions();
        configure?.Invoke(options);
        return options;
    }
}
