using System.Globalization;
using System.Text.RegularExpressions;

namespace MiniMind.Training;

/// <summary>Compares answers as numbers where both hold one, otherwise as texts without surrounding space. Of a text with several numbers the one after
/// GSM8K's <c>####</c> counts, else the last. <c>$1,234.50</c> equals <c>1234.5</c>, and <c>50%</c> equals <c>50</c>.</summary>
public sealed partial class NumericAnswerComparer : IAnswerComparer
{
    /// <inheritdoc/>
    public bool AreEqual(string expected, string actual)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(actual);
        return NumberIn(expected) is { } number
            ? NumberIn(actual) == number
            : string.Equals(expected.Trim(), actual.Trim(), StringComparison.OrdinalIgnoreCase);
    }

    private static decimal? NumberIn(string text)
    {
        var marked = text.LastIndexOf("####", StringComparison.Ordinal);
        var matches = Number().Matches(marked < 0 ? text : text[marked..]);
        return matches.Count > 0
            && decimal.TryParse(matches[^1].Value, NumberStyles.Number | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : null;
    }

    [GeneratedRegex(@"(?<![\d.])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")]
    private static partial Regex Number();
}
