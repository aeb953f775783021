using System.Collections.Frozen;

namespace MiniMind.Training;

/// <summary>A day of a year, or a day and month without a year. <c>03/05/2024</c> is not read: it is March to some and May to others.</summary>
internal sealed class CalendarDate : AnswerValue
{
    private static readonly FrozenDictionary<string, int> Months =
        "january february march april may june july august september october november december".Split(' ')
            .SelectMany((name, i) => new[] { (name, i + 1), (name[..3], i + 1) })
            .Append(("sept", 9))
            .DistinctBy(p => p.Item1)
            .ToFrozenDictionary(p => p.Item1, p => p.Item2);

    private readonly (int? Year, int Month, int Day) _date;

    private CalendarDate(int? year, int month, int day) => _date = (year, month, day);

    /// <summary>Reads a date that is all of the tokens.</summary>
    public static CalendarDate? Read(ReadOnlySpan<AnswerToken> tokens)
    {
        var parts = new List<AnswerToken>();
        foreach (var token in tokens)
            if (!token.Is(",") && !token.IsWordOf("of") && !token.IsWordOf("the") && !(token.Is(".") && parts is [.., { IsWord: true }]))
                parts.Add(token);
        return parts.ToArray() switch
        {
            [var y, { Text: "-" or "/" or "." }, var m, { Text: "-" or "/" or "." }, var d] when y.Text.Length == 4 => Of(Number(y, 9999), Number(m, 12), Number(d, 31)),
            [{ Text: "年" or "月" }, ..] => null,
            [var y, { Text: "年" }, var m, { Text: "月" }, var d, { Text: "日" or "号" }] => Of(Number(y, 9999), Number(m, 12), Number(d, 31)),
            [var m, { Text: "月" }, var d, { Text: "日" or "号" }] => Of(null, Number(m, 12), Number(d, 31), withYear: false),
            [var name, var d, var y] when MonthOf(name) is { } month && y.Text.Length == 4 => Of(Number(y, 9999), month, Number(d, 31)),
            [var d, var name, var y] when MonthOf(name) is { } month && y.Text.Length == 4 => Of(Number(y, 9999), month, Number(d, 31)),
            [var name, var d] when MonthOf(name) is { } month => Of(null, month, Number(d, 31), withYear: false),
            [var d, var name] when MonthOf(name) is { } month => Of(null, month, Number(d, 31), withYear: false),
            _ => null,
        };
    }

    public override bool Accepts(AnswerValue reply, double tolerance) => reply is CalendarDate other && other._date == _date;

    private static CalendarDate? Of(int? year, int? month, int? day, bool withYear = true) =>
        month is { } m && day is { } d && (year is not null || !withYear) ? new CalendarDate(year, m, d) : null;

    private static int? MonthOf(AnswerToken token) => token.IsWord && Months.TryGetValue(token.Lower, out var month) ? month : null;

    private static int? Number(AnswerToken token, int max) =>
        token.Kind is AnswerTokenKind.Number or AnswerTokenKind.Ordinal && token.Value.IsInteger && token.Value >= 1 && token.Value <= max ? (int)token.Value.Numerator : null;
}
