namespace MiniMind.Training;

/// <summary>An equation that names no value: <c>2x + 3y = 6</c>. A multiple of it is the same equation.</summary>
internal sealed class Equation : AnswerValue
{
    private readonly string _key;

    private Equation(string key) => _key = key;

    /// <summary>The equation of two sides; none if it holds always or never.</summary>
    public static Equation? Of(Expression left, Expression right)
    {
        var zero = (left - right).Numerator;
        return zero.Constant is not null ? null : new Equation(zero.Scale(1 / zero.Terms.First().Coefficient).Key);
    }

    public override bool Accepts(AnswerValue reply, double tolerance) => (reply is Assignment assignment ? assignment.Equation : reply as Equation)?._key == _key;
}
