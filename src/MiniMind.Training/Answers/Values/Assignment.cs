namespace MiniMind.Training;

/// <summary>A value with the name of what has it: <c>x = 5</c>, <c>f(x) = 2x</c>, <c>(x, y) = (1, 2)</c>. Of a chain such as <c>x = 2 + 3 = 5</c>
/// the last side counts. What names differ is never equal; one side may leave the name out.</summary>
internal sealed class Assignment : AnswerValue
{
    /// <summary>Creates an assignment.</summary>
    /// <param name="name">The name; none where the left side was a computation, as in <c>48 + 24 = 72</c>.</param>
    /// <param name="value">The value.</param>
    /// <param name="equation">The same as an equation, if both sides are expressions.</param>
    public Assignment(string? name, AnswerValue value, Equation? equation) => (Name, Value, Equation) = (name, value, equation);

    public string? Name { get; }

    public AnswerValue Value { get; }

    public Equation? Equation { get; }

    public override bool Accepts(AnswerValue reply, double tolerance) => reply switch
    {
        Assignment other when Name is not null && other.Name is not null && Name != other.Name => IsFunction && other.Equation is not null && Equation!.Accepts(other.Equation, tolerance),
        Assignment other => Value.Accepts(other.Value, tolerance),
        // 2x = 10 is not solved yet, but 2x − y + 3 = 0 is the line y = 2x + 3.
        Equation other => IsFunction && Equation!.Accepts(other, tolerance),
        _ => Value.Accepts(reply, tolerance),
    };

    private bool IsFunction => Equation is not null && Value is Quantity { Number.HasSymbols: true };
}
