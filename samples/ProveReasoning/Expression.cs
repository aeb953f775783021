using System.Globalization;
using MiniMind.Training;

namespace MiniMind.Samples.ProveReasoning;

/// <summary>Sums and differences, evaluated from left to right. The written steps rewrite the expression with its first operation done, as in Feng et
/// al. 2023, "Towards Revealing the Mystery behind Chain of Thought": transformers of bounded depth fail at such expressions unless the steps are
/// written. No intermediate value leaves 0 to <see cref="Largest"/>, so that a number is one token.</summary>
/// <param name="First">The first number.</param>
/// <param name="Rest">What is added, in this order; negative to subtract.</param>
internal sealed record Expression(int First, IReadOnlyList<int> Rest)
{
    private const int Largest = 30;
    private const int LargestTerm = 9;

    public string Text => First.ToString(CultureInfo.InvariantCulture) + Operands;

    /// <summary>All but the first number: two expressions with the same operands are the same exercise, shifted.</summary>
    public string Operands => string.Concat(Rest.Select(term => term.ToString("+0;-0", CultureInfo.InvariantCulture)));

    public int Value => First + Rest.Sum();

    /// <summary>One line a step, each quoted by &gt;; the last is the value. With it an ordinary token of the reasoning is also part of a tag.</summary>
    public string Steps => string.Join('\n', Rest.Select((_, i) => $">{new Expression(First + Rest.Take(i + 1).Sum(), [.. Rest.Skip(i + 1)]).Text}"));

    public static Expression Random(Random random, int operations)
    {
        var first = random.Next(Largest + 1);
        var (value, rest) = (first, new int[operations]);
        for (var i = 0; i < operations; i++)
        {
            var term = random.Next(1, LargestTerm + 1);
            var adds = value < term || (value + term <= Largest && random.Next(2) == 0);
            rest[i] = adds ? term : -term;
            value += rest[i];
        }

        return new Expression(first, rest);
    }

    /// <summary>The expression as a lesson: with the steps, or with an empty think block, so that the answer stands in the same place.</summary>
    public Conversation ToConversation(bool withSteps) => new(
    [
        new ChatTurn("system", "sum"),
        new ChatTurn("user", Text),
        new ChatTurn("assistant", ReasoningReply.Compose(withSteps ? Steps : string.Empty, Value.ToString(CultureInfo.InvariantCulture))),
    ]);
}
