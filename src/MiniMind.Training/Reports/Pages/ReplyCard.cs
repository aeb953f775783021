using System.Xml.Linq;
using static MiniMind.Training.Markup;

namespace MiniMind.Training;

/// <summary>One reply of the student: question, expected answer, all it wrote.</summary>
internal static class ReplyCard
{
    /// <summary>A student that never stops writes until its sequence is full.</summary>
    private const int MostCharacters = 8000;

    public static XElement Create(EvaluatedReply reply) => Classed(
        "article",
        reply.IsRight ? "reply right" : "reply wrong",
        Element("h4", $"Problem {Figures.Count(reply.ProblemIndex + 1)}: {Verdict(reply)}"),
        Element(
            "dl",
            Element("dt", "Question"),
            Classed("dd", "text", Cut(reply.Problem.Turns is [.., var question] ? question.Content : "")),
            Element("dt", "Expected answer"),
            Classed("dd", "text", Cut(reply.Problem.Answer)),
            Element("dt", "The student's answer"),
            Classed("dd", "text", reply.Reply.Answer.Length == 0 ? "(none)" : Cut(reply.Reply.Answer)),
            Element("dt", $"The whole reply ({Figures.Count(reply.Tokens)} tokens)"),
            Classed("dd", "text written", Tagged(Cut(reply.Text)))),
        Element("details", Element("summary", "All that the student read"), Classed("div", "text written", Cut(reply.Prompt))));

    private static string Verdict(EvaluatedReply reply) =>
        (reply.IsRight ? "right" : "wrong") + (reply.IsTruncated ? ", cut off" : "") + (reply.Reply.FollowsFormat ? "" : ", format not kept");

    /// <summary>A text with its reasoning tags set off.</summary>
    private static IEnumerable<object> Tagged(string text)
    {
        var plain = 0;
        for (var at = 0; at < text.Length;)
        {
            var tag = ReasoningTags.All.FirstOrDefault(t => text.AsSpan(at).StartsWith(t, StringComparison.Ordinal));
            if (tag is null)
            {
                at++;
                continue;
            }

            yield return text[plain..at];
            yield return Classed("span", "tag", tag);
            plain = at += tag.Length;
        }

        yield return text[plain..];
    }

    private static string Cut(string text) => text.Length <= MostCharacters ? text
        : $"{text[..MostCharacters]}… (cut here; {Figures.Count(text.Length)} characters in all)";
}
