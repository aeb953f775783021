using Microsoft.Extensions.Logging;

namespace MiniMind.Training.Tests;

/// <summary>Keeps what a trainer logs.</summary>
internal sealed class LogRecorder : ILogger<ReasonDistillTrainer>
{
    public List<(LogLevel Level, string Text, Exception? Exception)> Lines { get; } = [];

    public IEnumerable<string> Warnings => Lines.Where(l => l.Level == LogLevel.Warning).Select(l => l.Text);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (Lines)
            Lines.Add((logLevel, formatter(state, exception), exception));
    }
}
