using System.Globalization;
using MiniMind.Training;

namespace MiniMind.Extensions.AI;

/// <summary>Where nobody knows the answer: of several replies to a problem, those are right that give the answer which most of them give (self-consistency, Wang
/// et al. 2022). A tie is nobody's.</summary>
public sealed class SelfConsistencyVerifier : IReplyVerifier
{
    private readonly IAnswerComparer _comparer;
    private readonly int _leastVotes;
    private readonly double _leastShare;

    /// <summary>Creates a verifier.</summary>
    /// <param name="minVotes">So many replies must agree, 2 or more. Default 2.</param>
    /// <param name="minShare">And this share of the replies with an answer, 0 to 1. Default 0.5.</param>
    /// <param name="comparer">Tells which answers are the same; by default by value.</param>
    public SelfConsistencyVerifier(int minVotes = 2, double minShare = 0.5, IAnswerComparer? comparer = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minVotes, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(minShare);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minShare, 1);
        (_leastVotes, _leastShare, _comparer) = (minVotes, minShare, comparer ?? new NumericAnswerComparer());
    }

    /// <inheritdoc/>
    public string Description => string.Create(
        CultureInfo.InvariantCulture, $"most replies agree ({_leastVotes} or more, {_leastShare} of those with an answer, compared by {_comparer.GetType().Name})");

    /// <inheritdoc/>
    public bool RequiresAllReplies => true;

    /// <inheritdoc/>
    public async ValueTask<ReplyVerdict> VerifyAsync(HarvestProblem problem, TeacherReply reply, CancellationToken cancellationToken) =>
        (await VerifyAllAsync(problem, [reply], cancellationToken).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ReplyVerdict>> VerifyAllAsync(HarvestProblem problem, IReadOnlyList<TeacherReply> replies, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(replies);
        string[] answers = [.. replies.Select(r => r.ToReasoningReply().Answer)];
        var groups = new List<List<int>>();
        for (var i = 0; i < answers.Length; i++)
            if (answers[i].Length > 0)
            {
                if (groups.Find(g => AreSame(answers[g[0]], answers[i])) is { } group)
                    group.Add(i);
                else
                    groups.Add([i]);
            }

        var voters = groups.Sum(g => g.Count);
        var largest = groups.Count == 0 ? [] : groups.MaxBy(g => g.Count)!;
        var isTie = groups.Count(g => g.Count == largest.Count) > 1;
        var decides = !isTie && largest.Count >= _leastVotes && largest.Count >= _leastShare * voters;
        return ValueTask.FromResult<IReadOnlyList<ReplyVerdict>>([.. answers.Select((answer, i) => Verdict(answer, decides, isTie, largest, i, voters))]);
    }

    private static ReplyVerdict Verdict(string answer, bool decides, bool isTie, List<int> largest, int index, int voters) =>
        !decides ? new ReplyVerdict(false, "no majority", isTie ? $"Two answers have {largest.Count} of {voters} votes each." : $"No answer has enough of the {voters} votes; the most frequent has {largest.Count}.")
        : largest.Contains(index) ? new ReplyVerdict(true, "majority's answer", $"{Verdicts.Quoted(answer)} has {largest.Count} of {voters} votes.")
        : new ReplyVerdict(false, "minority's answer", $"{Verdicts.Quoted(answer)} is not what {largest.Count} of {voters} replies say.");

    private bool AreSame(string a, string b) => a == b || _comparer.AreEqual(a, b) || _comparer.AreEqual(b, a);
}
