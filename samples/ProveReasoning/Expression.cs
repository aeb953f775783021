using System.Globalization;
using MiniMind.Training;

namespace MiniMind.Samples.ProveReasoning;

/// <summary>An arithmetic expression modulo 7, evaluated from left to right: the task of Feng et al. 2023, "Towards Revealing the Mystery behind Chain
/// of Thought", on which transformers of bounded depth fail without written steps. As there, the steps rewrite the expression with its first
/// operation done.</summary>
/// <param name="First">The first number.</param>
/// <param name="Rest">Operator (<c>+</c>, <c>-</c>, <c>*</c>) and operand of each step.</param>
internal sealed record Expression(int First, IReadOnlyList<(char Operator, int Operand)> Rest)
{
    public const int Modulus = 7;

    public string Text => First.ToString(CultureInfo.InvariantCulture)
        + string.Concat(Rest.Select(r => $"{r.Operator}{r.Operand.ToString(CultureInfo.InvariantCulture)}"));

    public int Value => Rest.Count == 0 ? First : Reduce().Value;

    /// <summary>The written reasoning: one line a step, the last is the value.</summary>
    public string Steps => Rest.Count == 0 ? Text : Rest.Count == 1 ? Reduce().Text : $"{Reduce().Text}\n{Reduce().Steps}";

    /// <summary>The expression as a lesson: with the steps, or with an empty think block, so that the answer stands in the same place.</summary>
    public Conversation ToConversation(bool withSteps) => new(
    [
        new ChatTurn("system", $"mod {Modulus}"),
        new ChatTurn("user", Text),
        new ChatTurn("assistant", $"<think>\n{(withSteps ? Steps : string.Empty)}\n</think>\n<answer>\n{Value}\n</answer>"),
    ]);

    public static Expression Random(Random random, int steps) => new(
        random.Next(Modulus),
        [.. Enumerable.Range(0, steps).Select(_ => ("+-*"[random.Next(3)], random.Next(1, Modulus)))]);

    private Expression Reduce()
    {
        var (op, operand) = Rest[0];
        var value = op switch { '+' => First + operand, '-' => First - operand, _ => First * operand };
        return new Expression(((value % Modulus) + Modulus) % Modulus, [.. Rest.Skip(1)]);
    }
}
