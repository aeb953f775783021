using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>For questions with choices: the reply must name the expected letter, and no other.</summary>
public sealed class ChoiceVerifier : IReplyVerifier
{
    private const int MostChoices = 10;

    private readonly NumericAnswerComparer _comparer = new();
    private readonly string[] _letters;

    /// <summary>Creates a verifier.</summary>
    /// <param name="choices">How many choices there are, from A on; 2 to 10. Default 4.</param>
    public ChoiceVerifier(int choices = 4)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(choices, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(choices, MostChoices);
        _letters = [.. Enumerable.Range(0, choices).Select(i => ((char)('A' + i)).ToString())];
    }

    /// <inheritdoc/>
    public string Description => $"the answer is the expected letter of A to {_letters[^1]}";

    /// <inheritdoc/>
    public ValueTask<ReplyVerdict> VerifyAsync(HarvestProblem problem, TeacherReply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(reply);
        if (problem.Answer is not { } answer)
            return ValueTask.FromResult(Verdicts.NoExpectedAnswer);
        if (Given(answer) is not [var expected])
            return ValueTask.FromResult(new ReplyVerdict(false, "expected answer is no choice", $"The expected answer {Verdicts.Quoted(answer)} is none of {string.Join(", ", _letters)}."));
        var text = reply.ToReasoningReply().Answer;
        return ValueTask.FromResult(Given(text) switch
        {
            [var given] when given == expected => new ReplyVerdict(true, Verdicts.RightAnswer, $"The reply chooses {given}."),
            [var given] => new ReplyVerdict(false, Verdicts.WrongAnswer, $"The reply chooses {given}; expected {expected}."),
            _ => new ReplyVerdict(false, "no single choice", $"The answer {Verdicts.Quoted(text)} names no single one of {string.Join(", ", _letters)}."),
        });
    }

    private string[] Given(string text) => Array.FindAll(_letters, letter => _comparer.AreEqual(letter, text));
}
