using System.Runtime.CompilerServices;

namespace MiniMind;

/// <summary>Collects everything wrong with a set of values, so that their user sees all faults at once.</summary>
internal sealed class FieldFaults(string prefix = "", string suffix = "") : List<string>
{
    /// <summary>Notes a fault unless the value is good. By default the field has the name that the value is passed by.</summary>
    public FieldFaults Require(bool good, object? value, string expected, [CallerArgumentExpression(nameof(value))] string field = "")
    {
        if (!good)
            Add(FormattableString.Invariant($"{prefix}{field} is {value ?? "null"}; expected {expected}{suffix}"));
        return this;
    }
}
