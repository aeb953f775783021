namespace MiniMind.Extensions.AI;

/// <summary>What stands between the answer tags of a harvested example.</summary>
public enum ExampleAnswer
{
    /// <summary>The teacher's text: what its answer tags hold, or all that is not reasoning.</summary>
    TeachersText,

    /// <summary>The problem's expected answer, once the reply was found right: short and always written alike, whatever the teacher's manner. Of a published
    /// solution with <c>####</c>, what follows it. A problem without an expected answer has the teacher's text.</summary>
    ExpectedAnswer,
}
