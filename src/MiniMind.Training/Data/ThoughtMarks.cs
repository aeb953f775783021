namespace MiniMind.Training;

/// <summary>The words with which OpenThoughts and its kin set reasoning and answer apart.</summary>
internal static class ThoughtMarks
{
    public const string Begin = "<|begin_of_thought|>";
    public const string End = "<|end_of_thought|>";
    public const string BeginSolution = "<|begin_of_solution|>";
    public const string EndSolution = "<|end_of_solution|>";

    public static IReadOnlyList<string> All { get; } = [Begin, End, BeginSolution, EndSolution];
}
