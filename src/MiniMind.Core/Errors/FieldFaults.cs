using System.Runtime.CompilerServices;

namespace MiniMind;

/// <summary>Collects everything wrong with a set of values, so that their user sees all faults at once.</summary>
/// <param name="prefix">Put before each field's name.</param>
/// <param name="suffix">Put behind each fault.</param>
internal sealed class FieldFaults(string prefix = "", string suffix = "") : List<string>
{
    /// <summary>Notes a fault unless the value is good.</summary>
    /// <param name="good">Whether it is.</param>
    /// <param name="value">What was found.</param>
    /// <param name="expected">What was expected.</param>
    /// <param name="field">The name that the user knows the value by.</param>
    public FieldFaults Require(bool good, object? value, string expected, [CallerArgumentExpression(nameof(value))] string field = "")
    {
        if (!good)
            Add(FormattableString.Invariant($"{prefix}{field} is {value ?? "null"}; expected {expected}{suffix}"));
        return this;
    }
}
