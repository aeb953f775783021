namespace MiniMind.Extensions.AI;

/// <summary>Makes verifiers of verifiers. They are asked from left to right, and only as far as needed: cheap ones come first.</summary>
public static class Verifiers
{
    /// <summary>A reply is right if all say so. The verdict is that of the first that says no.</summary>
    /// <param name="parts">At least one verifier. One that compares replies sees those that all before it found right.</param>
    /// <returns>The verifier.</returns>
    public static IReplyVerifier All(params IReplyVerifier[] parts) => new Chain(parts, untilRight: false);

    /// <summary>A reply is right if one says so. The verdict is that of the first that says yes, or the last.</summary>
    /// <param name="parts">At least one verifier. One that compares replies sees those that none before it found right.</param>
    /// <returns>The verifier.</returns>
    public static IReplyVerifier Any(params IReplyVerifier[] parts) => new Chain(parts, untilRight: true);

    /// <summary>A reply is right if a verifier says that it is not.</summary>
    /// <param name="verifier">The verifier.</param>
    /// <returns>The verifier.</returns>
    public static IReplyVerifier Not(IReplyVerifier verifier) => new Opposite(verifier);

    /// <summary>Asks one of two verifiers, by the problem: such as the answer where one is known and the majority elsewhere.</summary>
    /// <param name="description">What decides, in a few words.</param>
    /// <param name="condition">Decides.</param>
    /// <param name="then">Asked if it holds.</param>
    /// <param name="otherwise">Asked if it does not.</param>
    /// <returns>The verifier.</returns>
    public static IReplyVerifier When(string description, Func<HarvestProblem, bool> condition, IReplyVerifier then, IReplyVerifier otherwise) =>
        new Choice(description, condition, then, otherwise);

    /// <summary>The known answer where a problem has one, the majority of the replies where it has none.</summary>
    /// <param name="known">Compares with the known answer; by default by value.</param>
    /// <param name="unknown">Decides without one; by default <see cref="SelfConsistencyVerifier"/>.</param>
    /// <returns>The verifier.</returns>
    public static IReplyVerifier AnswerOrMajority(IReplyVerifier? known = null, IReplyVerifier? unknown = null) =>
        When("the problem has an answer", problem => problem.Answer is not null, known ?? new AnswerVerifier(), unknown ?? new SelfConsistencyVerifier());

    private static async ValueTask<IReadOnlyList<ReplyVerdict>> AskAsync(
        IReplyVerifier verifier, HarvestProblem problem, IReadOnlyList<TeacherReply> replies, CancellationToken cancellationToken)
    {
        var verdicts = await verifier.VerifyAllAsync(problem, replies, cancellationToken).ConfigureAwait(false);
        return verdicts.Count == replies.Count
            ? verdicts
            : throw new InvalidOperationException($"{verifier.GetType()} gave {verdicts.Count} verdicts on {replies.Count} replies; expected one for each");
    }

    private abstract class OfReplies : IReplyVerifier
    {
        public abstract string Description { get; }

        public abstract bool RequiresAllReplies { get; }

        public async ValueTask<ReplyVerdict> VerifyAsync(HarvestProblem problem, TeacherReply reply, CancellationToken cancellationToken) =>
            (await VerifyAllAsync(problem, [reply], cancellationToken).ConfigureAwait(false))[0];

        public abstract ValueTask<IReadOnlyList<ReplyVerdict>> VerifyAllAsync(HarvestProblem problem, IReadOnlyList<TeacherReply> replies, CancellationToken cancellationToken);
    }

    private sealed class Chain : OfReplies
    {
        private readonly IReplyVerifier[] _parts;
        private readonly bool _untilRight;

        public Chain(IReplyVerifier[] parts, bool untilRight)
        {
            ArgumentNullException.ThrowIfNull(parts);
            if (parts.Length == 0 || parts.Contains(null))
                throw new ArgumentException("there is no verifier, or one is null; expected one or more", nameof(parts));
            (_parts, _untilRight) = ([.. parts], untilRight);
        }

        public override string Description => $"{(_untilRight ? "any" : "all")} of: {string.Join("; ", _parts.Select(p => p.Description))}";

        public override bool RequiresAllReplies => Array.Exists(_parts, p => p.RequiresAllReplies);

        public override async ValueTask<IReadOnlyList<ReplyVerdict>> VerifyAllAsync(
            HarvestProblem problem, IReadOnlyList<TeacherReply> replies, CancellationToken cancellationToken)
        {
            ArgumentNullException.ThrowIfNull(replies);
            var verdicts = new ReplyVerdict[replies.Count];
            List<int> open = [.. Enumerable.Range(0, replies.Count)];
            foreach (var part in _parts)
            {
                if (open.Count == 0)
                    break;
                var said = await AskAsync(part, problem, open.ConvertAll(i => replies[i]), cancellationToken).ConfigureAwait(false);
                for (var i = 0; i < open.Count; i++)
                    verdicts[open[i]] = said[i];
                open.RemoveAll(i => verdicts[i].IsRight == _untilRight);
            }

            return verdicts;
        }
    }

    private sealed class Opposite : OfReplies
    {
        private readonly IReplyVerifier _verifier;

        public Opposite(IReplyVerifier verifier)
        {
            ArgumentNullException.ThrowIfNull(verifier);
            _verifier = verifier;
        }

        public override string Description => $"not: {_verifier.Description}";

        public override bool RequiresAllReplies => _verifier.RequiresAllReplies;

        public override async ValueTask<IReadOnlyList<ReplyVerdict>> VerifyAllAsync(
            HarvestProblem problem, IReadOnlyList<TeacherReply> replies, CancellationToken cancellationToken) =>
            [.. (await AskAsync(_verifier, problem, replies, cancellationToken).ConfigureAwait(false)).Select(v => v with { IsRight = !v.IsRight })];
    }

    private sealed class Choice : OfReplies
    {
        private readonly string _description;
        private readonly Func<HarvestProblem, bool> _condition;
        private readonly IReplyVerifier _then;
        private readonly IReplyVerifier _otherwise;

        public Choice(string description, Func<HarvestProblem, bool> condition, IReplyVerifier then, IReplyVerifier otherwise)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(description);
            ArgumentNullException.ThrowIfNull(condition);
            ArgumentNullException.ThrowIfNull(then);
            ArgumentNullException.ThrowIfNull(otherwise);
            (_description, _condition, _then, _otherwise) = (description, condition, then, otherwise);
        }

        public override string Description => $"if {_description}: {_then.Description}; otherwise: {_otherwise.Description}";

        public override bool RequiresAllReplies => _then.RequiresAllReplies || _otherwise.RequiresAllReplies;

        public override ValueTask<IReadOnlyList<ReplyVerdict>> VerifyAllAsync(
            HarvestProblem problem, IReadOnlyList<TeacherReply> replies, CancellationToken cancellationToken) =>
            AskAsync(_condition(problem) ? _then : _otherwise, problem, replies, cancellationToken);
    }
}
