namespace MiniMind.Training;

/// <summary>How a run stands when its report is written.</summary>
/// <param name="Text">For people.</param>
/// <param name="IsGood">Whether nothing went wrong.</param>
internal sealed record RunStatus(string Text, bool IsGood)
{
    public static RunStatus Running { get; } = new("running", IsGood: true);

    public static RunStatus Ended(Exception? exception, string? stopReason) => exception switch
    {
        null => new(stopReason is null ? "all steps done" : $"stopped: {stopReason}", IsGood: true),
        OperationCanceledException => new("cancelled", IsGood: false),
        _ => new($"failed: {exception.Message}", IsGood: false),
    };
}
