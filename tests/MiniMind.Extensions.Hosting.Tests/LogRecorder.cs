using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace MiniMind.Extensions.Hosting.Tests;

/// <summary>Keeps what a host logs.</summary>
internal sealed class LogRecorder : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(LogLevel Level, string Text, Exception? Exception)> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((logLevel, formatter(state, exception), exception));

    public void Dispose()
    {
    }
}
