using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>Computes again what a reply's reasoning computes: each <c>a op b = c</c>, also several on a line and chains of them (<c>2 + 3 = 5 = 10 / 2</c>),
/// with brackets, decimals, thousands separators, percentages, ×, ÷ and LaTeX's signs for them, in lists and in bold, and GSM8K's <c>&lt;&lt;48/2=24&gt;&gt;</c>. What is no computation is passed over.</summary>
/// <remarks>A result with decimals may be the rounded one. A reply with a right answer and a wrong step teaches the wrong step.</remarks>
public sealed class StepsVerifier : IReplyVerifier
{
    private readonly int _least;

    /// <summary>Creates a verifier.</summary>
    /// <param name="minSteps">So many computations the reasoning must have. Default 1.</param>
    public StepsVerifier(int minSteps = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minSteps);
        _least = minSteps;
    }

    /// <inheritdoc/>
    public string Description => $"every computation in the reasoning is right, and there are {_least} or more";

    /// <inheritdoc/>
    public ValueTask<ReplyVerdict> VerifyAsync(HarvestProblem problem, TeacherReply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var count = 0;
        foreach (var line in reply.Reasoning.Split('\n'))
            foreach (var step in WrittenStep.FindIn(line))
            {
                count++;
                if (!step.IsRight)
                    return ValueTask.FromResult(new ReplyVerdict(false, "wrong step", $"{Verdicts.Quoted(step.Text)} is wrong; it is {step.Value}."));
            }

        return ValueTask.FromResult(count < _least
            ? new ReplyVerdict(false, "too few steps", $"The reasoning has {count} computations; expected {_least} or more.")
            : new ReplyVerdict(true, "right steps", $"All {count} computations are right."));
    }
}
