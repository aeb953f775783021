using System.Text.RegularExpressions;

namespace MiniMind.Extensions.AI;

/// <summary>The reply's answer must match a regular expression. The work is linear in its length.</summary>
public sealed class RegexVerifier : IReplyVerifier
{
    private readonly Regex _pattern;

    /// <summary>Creates a verifier.</summary>
    /// <param name="pattern">The expression; back references and look-around, whose work is not linear, are not allowed.</param>
    /// <param name="options">Options beside <see cref="RegexOptions.NonBacktracking"/> and <see cref="RegexOptions.CultureInvariant"/>.</param>
    /// <exception cref="ArgumentException">The pattern is wrong or uses what is not allowed.</exception>
    public RegexVerifier(string pattern, RegexOptions options = RegexOptions.None)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        try
        {
            _pattern = new Regex(pattern, options | RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException e)
        {
            throw new ArgumentException($"the pattern {pattern} is not allowed: {e.Message}", nameof(pattern), e);
        }
    }

    /// <inheritdoc/>
    public string Description => $"the answer matches {_pattern} ({_pattern.Options & ~(RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)})";

    /// <inheritdoc/>
    public ValueTask<ReplyVerdict> VerifyAsync(HarvestProblem problem, TeacherReply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var answer = reply.ToReasoningReply().Answer;
        return ValueTask.FromResult(_pattern.IsMatch(answer)
            ? new ReplyVerdict(true, "matches", $"{Verdicts.Quoted(answer)} matches {_pattern}.")
            : new ReplyVerdict(false, "does not match", $"{Verdicts.Quoted(answer)} does not match {_pattern}."));
    }
}
