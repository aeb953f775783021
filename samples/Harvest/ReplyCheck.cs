using Microsoft.Extensions.AI;
using MiniMind.Extensions.AI;

namespace MiniMind.Samples.Harvest;

/// <summary>What decides which replies are right.</summary>
internal enum ReplyCheck
{
    /// <summary>The expected answer where there is one; elsewhere the majority of several replies.</summary>
    Auto,

    /// <summary>The expected answer, by value.</summary>
    Answer,

    /// <summary>The expected answer, to the letter.</summary>
    Exact,

    /// <summary>The expected letter of a question with choices.</summary>
    Choice,

    /// <summary>The expected answer by value, and every computation of the reasoning.</summary>
    Steps,

    /// <summary>What most replies to a problem say.</summary>
    Majority,

    /// <summary>Another model.</summary>
    Judge,

    /// <summary>Nothing: every complete reply is an example.</summary>
    None,
}

/// <summary>Verifiers by their name on the command line.</summary>
internal static class ReplyChecks
{
    /// <exception cref="ArgumentException">The check has nothing to decide by.</exception>
    public static IReplyVerifier? Create(ReplyCheck check, ProblemFile problems, int samples, IChatClient? judge)
    {
        if (check == ReplyCheck.Judge != judge is not null)
            throw new ArgumentException("--verifier judge needs --judge-model, and no other verifier has one; expected both or neither");
        if (check is ReplyCheck.Majority && samples < 2 || check is ReplyCheck.Auto && samples < 2 && problems.Answered < problems.Count)
            throw new ArgumentException(
                $"{problems.Count - problems.Answered} of {problems.Count} problems have no expected answer, and --samples is {samples}; expected --samples 2 or more, "
                + "of which the majority decides, or --verifier none");
        if (check is ReplyCheck.Answer or ReplyCheck.Exact or ReplyCheck.Choice or ReplyCheck.Steps && problems.Answered == 0)
            throw new ArgumentException("--verifier compares with the expected answer, and no problem has one; expected answers, or --verifier majority or none");
        return check switch
        {
            ReplyCheck.Auto => problems.Answered == problems.Count ? new AnswerVerifier() : Verifiers.AnswerOrMajority(),
            ReplyCheck.Answer => new AnswerVerifier(),
            ReplyCheck.Exact => new ExactVerifier(),
            ReplyCheck.Choice => new ChoiceVerifier(),
            ReplyCheck.Steps => Verifiers.All(new AnswerVerifier(), new StepsVerifier()),
            ReplyCheck.Judge => new JudgeVerifier(judge!),
            ReplyCheck.Majority => new SelfConsistencyVerifier(),
            _ => null,
        };
    }
}
