using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace MiniMind.Extensions.AI;

/// <summary>Another model decides. With an expected answer it is shown both, twice and in both orders, because judges prefer what they read first: a reply is right
/// if both times they are the same. Without one, it checks the reply by itself.</summary>
/// <remarks>What the judge says is read from its last line that begins with <c>VERDICT:</c>, outside its reasoning. A judge that does not say it gives
/// no right verdict. A request that fails is an exception, and no verdict: harvest again to ask again.</remarks>
public sealed partial class JudgeVerifier : IReplyVerifier
{
    private readonly IChatClient _judge;
    private readonly JudgeOptions _options;
    private long _inputTokens;
    private long _outputTokens;

    /// <summary>Creates a verifier.</summary>
    /// <param name="judge">The judge; safe for use by several threads. It is not disposed of.</param>
    /// <param name="options">Settings; none for the defaults.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Settings are wrong; all are named.</exception>
    public JudgeVerifier(IChatClient judge, JudgeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(judge);
        options ??= new JudgeOptions();
        options.Validate();
        (_judge, _options) = (judge, options with { Chat = options.Chat.Clone() });
        var metadata = judge.GetService(typeof(ChatClientMetadata)) as ChatClientMetadata;
        var name = _options.JudgeId ?? $"{metadata?.ProviderName}/{_options.Chat.ModelId ?? metadata?.DefaultModelId}";
        var prompts = LedgerKey.Of(_options.ComparisonPrompt, _options.CorrectnessPrompt, ChatOptionsText.Of(_options.Chat));
        Description = $"{name} judges (prompts and options {prompts})";
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <summary>Tokens of all requests to the judge so far, as the client said.</summary>
    public long InputTokens => Interlocked.Read(ref _inputTokens);

    /// <summary>Tokens of all replies of the judge so far, as the client said.</summary>
    public long OutputTokens => Interlocked.Read(ref _outputTokens);

    /// <inheritdoc/>
    public async ValueTask<ReplyVerdict> VerifyAsync(HarvestProblem problem, TeacherReply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(reply);
        var question = string.Join("\n\n", problem.Turns.Select(t => problem.Turns.Count == 1 ? t.Content : $"{t.Role}: {t.Content}"));
        var answer = reply.ToReasoningReply().Answer;
        if (problem.Answer is not { } expected)
            return await AskAsync(Fill(_options.CorrectnessPrompt, question, ("{reasoning}", reply.Reasoning), ("{answer}", answer)), "RIGHT", "WRONG", cancellationToken).ConfigureAwait(false) switch
            {
                true => new ReplyVerdict(true, "judged right", "The judge says that the answer is right."),
                false => new ReplyVerdict(false, "judged wrong", "The judge says that the answer is wrong."),
                null => Unclear,
            };
        bool?[] says =
        [
            await AskAsync(Fill(_options.ComparisonPrompt, question, ("{first}", expected), ("{second}", answer)), "SAME", "DIFFERENT", cancellationToken).ConfigureAwait(false),
            await AskAsync(Fill(_options.ComparisonPrompt, question, ("{first}", answer), ("{second}", expected)), "SAME", "DIFFERENT", cancellationToken).ConfigureAwait(false),
        ];
        return says switch
        {
            [null, _] or [_, null] => Unclear,
            [true, true] => new ReplyVerdict(true, "judged right", $"The judge says in both orders that {Verdicts.Quoted(answer)} is {Verdicts.Quoted(expected)}."),
            [false, false] => new ReplyVerdict(false, "judged wrong", $"The judge says in both orders that {Verdicts.Quoted(answer)} is not {Verdicts.Quoted(expected)}."),
            _ => new ReplyVerdict(false, "judge undecided", $"The judge says in one order that {Verdicts.Quoted(answer)} is {Verdicts.Quoted(expected)}, and in the other that it is not."),
        };
    }

    private static ReplyVerdict Unclear { get; } = new(false, "judge unclear", "The judge's reply has no line that says its verdict.");

    /// <summary>All places at once, so that a text that holds a place's name is not taken for one.</summary>
    private static string Fill(string prompt, string question, params (string Place, string Text)[] texts) =>
        Place().Replace(prompt, match => match.Value == "{question}" ? question : Array.Find(texts, t => t.Place == match.Value).Text ?? match.Value);

    private async Task<bool?> AskAsync(string prompt, string yes, string no, CancellationToken cancellationToken)
    {
        var response = await _judge.GetResponseAsync([new ChatMessage(ChatRole.User, prompt)], _options.Chat.Clone(), cancellationToken).ConfigureAwait(false);
        Interlocked.Add(ref _inputTokens, response.Usage?.InputTokenCount ?? 0);
        Interlocked.Add(ref _outputTokens, response.Usage?.OutputTokenCount ?? 0);
        var said = VerdictOf().Matches(TeacherReply.From(response).Text).LastOrDefault()?.Groups[1].Value;
        return string.Equals(said, yes, StringComparison.OrdinalIgnoreCase) ? true : string.Equals(said, no, StringComparison.OrdinalIgnoreCase) ? false : null;
    }

    [GeneratedRegex(@"\{(?:question|first|second|reasoning|answer)\}", RegexOptions.NonBacktracking)]
    private static partial Regex Place();

    [GeneratedRegex(@"(?im)^[ \t*_#>]*VERDICT[ \t*_]*:[ \t*_]*([A-Za-z]+)[ \t*_.]*$", RegexOptions.NonBacktracking)]
    private static partial Regex VerdictOf();
}
