namespace MiniMind.Training;

/// <summary>Tells whether a reply gives the expected answer, strictly enough to choose training examples by it: where it is not sure, the answer is no,
/// because a wrong trace teaches something wrong and a refused one costs a sample.</summary>
/// <remarks>
/// <para>What is compared are values, and each kind has its rule: numbers of any length exactly, with fractions, mixed numbers, percentages, units and
/// currencies; tuples, sets, intervals, lists and matrices; equations and inequalities; expressions with roots, π, powers and symbols; dates, times,
/// ratios; choice letters; yes and no; texts, with or without numbers. Digits of all scripts, Chinese numerals, number words and LaTeX are read.</para>
/// <para>The expected answer is read as a whole (of a text with <c>####</c>, the line after it). Of the reply the answer part is read: what answer tags
/// hold; in it, the line after the first <c>####</c>, else the last <c>\boxed{}</c>, else what follows "the answer is", "Answer:" or 答案是, else the
/// whole reply if it is a value, else what follows the last <c>=</c>, else the only formula or number. Several different candidates are no answer.</para>
/// <para>Decisions: <c>#### 72 of 100</c> is not <c>72</c>, because the line does not say whether 72 or 72/100 is meant; <c>#### 72 clips</c> is. The two
/// sides are not alike: a reply may add a unit, a name (<c>x = 5</c> for 5) or a percent sign to a number above 1, and may list the items of an expected
/// set. What the expected answer says, it may not change: <c>5 miles</c> is not <c>5 km</c>, <c>y = 5</c> not <c>x = 5</c>. An unfinished computation
/// (<c>3 + 3</c>) is not its result. The name is older than what the class does and stays, because programs use it.</para>
/// <para>The work is linear in the length of the texts, whatever they hold, and does not depend on the culture. The class is immutable and safe for use by
/// several threads.</para>
/// </remarks>
public sealed class NumericAnswerComparer : IAnswerComparer
{
    private readonly double _tolerance;

    /// <summary>Creates a comparer that compares numbers exactly.</summary>
    public NumericAnswerComparer()
    {
    }

    /// <summary>Creates a comparer.</summary>
    /// <param name="options">Settings.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Settings are wrong; all are named.</exception>
    public NumericAnswerComparer(NumericAnswerComparerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _tolerance = options.RelativeTolerance;
    }

    /// <inheritdoc/>
    public bool AreEqual(string expected, string actual)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(actual);
        return AnswerVerdict.IsRight(expected, actual, _tolerance);
    }
}
