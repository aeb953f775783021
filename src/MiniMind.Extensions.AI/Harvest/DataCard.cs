using System.Globalization;
using System.Text;

namespace MiniMind.Extensions.AI;

/// <summary>A harvest's description for people, in Markdown.</summary>
internal static class DataCard
{
    public static string Write(HarvestDescription d)
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
        Line($"# Reasoning of {d.Teacher}");
        Line(string.Empty);
        Line($"{Number(d.Examples)} conversations with a teacher's written reasoning, in `{HarvestFiles.TrainingName}`: one JSON object in each line, with its turns under `conversations` and its origin under");
        Line($"`source`. They answer {Number(d.Solved)} of {Number(d.Problems)} problems{(d.Complete ? string.Empty : "; the budget ended before all were asked")}.");
        Line(string.Empty);
        Line("| | |");
        Line("|---|---|");
        Line($"| Teacher | {d.Teacher}{(d.Models.Count == 0 ? string.Empty : $" (models: {string.Join(", ", d.Models)})")} |");
        Line($"| Options | {(d.Options.Length == 0 ? "the client's defaults" : d.Options.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" "))} |");
        Line($"| Prompt | {(d.SystemPrompt is null ? "no system prompt" : "a system prompt")}, {d.FewShotTurns} turns of examples (hash {d.PromptHash}) |");
        Line($"| Replies to a problem | up to {d.Samples}{(d.StopAfterRight is { } enough ? $", until {enough} are right" : string.Empty)} |");
        Line($"| Verifier | {d.Verifier.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ")} |");
        Line($"| Answer of an example | {d.Answer} |");
        Line($"| Problems given more than once | {Number(d.DuplicateProblems)} |");
        if (d.WithoutFinishReason > 0)
            Line($"| Replies whose end the client did not explain | {Number(d.WithoutFinishReason)}: whether they were cut off is not known |");
        Line($"| Requests | {Number(d.Requests)} |");
        Line($"| Tokens | {Number(d.InputTokens)} of requests, {Number(d.OutputTokens)} of replies |");
        Line($"| Cost | {d.Cost.ToString("0.####", CultureInfo.InvariantCulture)} {d.Currency} |");
        Line(string.Empty);
        Line("## What was left out");
        Line(string.Empty);
        if (d.Rejections.Count == 0)
            Line("Nothing.");
        else
        {
            Line("| Cause | Replies |");
            Line("|---|---|");
            foreach (var (cause, count) in d.Rejections.OrderByDescending(r => r.Value).ThenBy(r => r.Key, StringComparer.Ordinal))
                Line($"| {cause} | {Number(count)} |");
        }

        Line(string.Empty);
        Line($"Every request and reply is in `{AttemptLedger.FileName}`, every verdict with its reason in `{VerdictLedger.FileName}`.");
        return text.ToString();
    }
}
