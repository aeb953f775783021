namespace MiniMind.Training.Tests;

/// <summary>A file that is gone when the test is over.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(string text)
        : this(System.Text.Encoding.UTF8.GetBytes(text))
    {
    }

    public TemporaryFile(ReadOnlySpan<byte> bytes) => File.WriteAllBytes(Name, bytes);

    public string Name { get; } = Path.Combine(Path.GetTempPath(), $"minimind-{Guid.NewGuid():N}.jsonl");

    public void Dispose() => File.Delete(Name);
}
