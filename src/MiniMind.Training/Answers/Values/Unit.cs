using System.Collections.Frozen;

namespace MiniMind.Training;

/// <summary>What a number counts: a product of powers of known units, or words (<c>clips in May</c>).</summary>
/// <param name="Measure">The canonical name of what known units measure, such as <c>length^2</c>; empty without one.</param>
/// <param name="Size">How large the unit is.</param>
/// <param name="Words">The words of an unknown unit, in small letters and the singular.</param>
/// <param name="IsDoubtful">Whether it may be something else: the letter in 5m is a symbol as well.</param>
internal sealed record Unit(string Measure, Rational Size, IReadOnlyList<string> Words, bool IsDoubtful)
{
    public static readonly Unit None = new("", 1, [], false);

    private const int MaxWordsOfExpected = 3;

    /// <summary>Words after a number that change what it says.</summary>
    private static readonly FrozenSet<string> Changing = (
        "half halves squared cubed plus minus over less fewer than or to point negative not but under above below if except unless until between factorial remainder "
        + "times and/or isn't nor instead rather versus vs minus by").Split(' ').ToFrozenSet();

    private static readonly string[] Counters =
    [
        "个", "只", "岁", "人", "名", "本", "张", "条", "支", "颗", "次", "页", "件", "辆", "棵", "朵", "杯", "瓶", "盒", "箱", "包", "袋", "位", "双", "对", "台", "份", "句", "道",
        "题", "座", "种", "把", "枚", "块", "元", "天", "年", "月", "周", "分", "秒", "米", "升", "度", "克", "吨", "斤", "头", "匹", "根", "片", "粒", "套", "间", "层", "排", "组", "平方", "立方",
    ];

    public bool IsNone => Measure.Length == 0 && Words.Count == 0;

    /// <summary>Reads a unit that is all of the tokens.</summary>
    public static Unit? Read(ReadOnlySpan<AnswerToken> tokens, AnswerRole role)
    {
        if (tokens.IsEmpty)
            return None;
        var at = 0;
        var unit = ReadKnown(tokens, ref at);
        if (at == tokens.Length)
            return unit;
        // An expected 5 km away is unusual; a reply's words behind a unit say nothing new.
        return Phrase(tokens[at..], role) is { } words && (role == AnswerRole.Reply || unit is null)
            ? unit is null ? None with { Words = words } : unit
            : null;
    }

    /// <summary>Reads known units as far as they go: <c>km/h</c>, <c>square feet</c>, <c>cm^2</c>.</summary>
    public static Unit? ReadKnown(ReadOnlySpan<AnswerToken> tokens, ref int at)
    {
        var powers = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (size, sign, any, doubtful) = (Rational.One, 1, false, false);
        while (at < tokens.Length)
        {
            var next = at;
            var isOver = any && (tokens[next].Is("/") || tokens[next].IsWordOf("per") || tokens[next].IsWordOf("每"));
            if (isOver || (any && tokens[next].Is("*")))
                next++;
            if (isOver && next < tokens.Length && tokens[next].IsWord && tokens[next].Lower is "a" or "an")
                next++;
            if (Factor(tokens, ref next) is not var (measure, factor, power, isDoubtful) || (any && !isOver && next == at + 1 && !tokens[at].Is("*") && power == 1))
                break;
            sign = isOver ? -1 : 1;
            powers[measure] = powers.GetValueOrDefault(measure) + (sign * power);
            size *= factor.Power(sign * power);
            (any, at, doubtful) = (true, next, doubtful || isDoubtful);
        }

        return any ? new Unit(string.Join('*', powers.Where(p => p.Value != 0).Select(p => p.Value == 1 ? p.Key : $"{p.Key}^{p.Value}")), size, [], doubtful) : null;
    }

    /// <summary>Whether a reply's unit may stand where this one is expected; numbers are then compared in <see cref="Size"/>.</summary>
    public bool Admits(Unit reply)
    {
        if (reply.IsNone)
            return true;
        if (IsNone)
            return !reply.IsDoubtful;
        if (Measure.Length > 0)
            return Measure == reply.Measure;
        return reply.Measure.Length == 0 && Words.Count <= reply.Words.Count && Words.SequenceEqual(reply.Words.Take(Words.Count));
    }

    private static (string Measure, Rational Size, int Power, bool IsDoubtful)? Factor(ReadOnlySpan<AnswerToken> tokens, ref int at)
    {
        var (place, power) = (at, 1);
        if (place + 1 < tokens.Length && tokens[place].IsWord)
        {
            power = tokens[place].Lower switch { "square" or "sq" or "平方" => 2, "cubic" or "cu" or "立方" => 3, _ => 1 };
            place += power > 1 ? 1 : 0;
            if (power > 1 && tokens[place].Is("."))
                place++;
        }

        if (place >= tokens.Length || tokens[place] is not { Kind: AnswerTokenKind.Word or AnswerTokenKind.Symbol } token)
            return null;
        var name = token.Text;
        foreach (var (prefix, exponent) in (ReadOnlySpan<(string, int)>)[("平方", 2), ("立方", 3)])
            if (name.StartsWith(prefix, StringComparison.Ordinal) && name.Length > prefix.Length)
                (name, power) = (name[prefix.Length..], exponent);
        if (Speed(name) is { } speed)
        {
            at = place + 1;
            return speed;
        }

        if (UnitTable.Find(name) is not var (measure, size))
            return null;
        place++;
        // 90 °C, 90 degrees Celsius
        if (measure == "angle" && place < tokens.Length && tokens[place].IsWord && tokens[place].Text is "C" or "F" or "Celsius" or "celsius" or "Fahrenheit" or "fahrenheit")
            measure = tokens[place++].Text[0] is 'C' or 'c' ? "celsius" : "fahrenheit";
        if (place + 1 < tokens.Length && tokens[place].Is("^"))
        {
            var braces = tokens[place + 1].Is("{") && place + 3 < tokens.Length && tokens[place + 3].Is("}") ? 1 : 0;
            if (tokens[place + 1 + braces] is not { IsNumber: true, Value: { IsInteger: true } exponent } || exponent < 1 || exponent > 9)
                return null;
            (power, place) = ((int)exponent.Numerator, place + 2 + (2 * braces));
        }

        at = place;
        return (measure, size, power, token.Text.Length == 1 && char.IsAsciiLetter(token.Text[0]) && !token.SpaceBefore);
    }

    /// <summary>mph and kph are quotients in one word.</summary>
    private static (string, Rational, int, bool)? Speed(string name) => name.ToLowerInvariant() switch
    {
        "mph" => ("inch*time^-1", new Rational(63360, 3600), 1, false),
        "kph" or "kmh" => ("length*time^-1", new Rational(1000, 3600), 1, false),
        _ => null,
    };

    /// <summary>Words that say what is counted, and nothing that changes the number.</summary>
    private static List<string>? Phrase(ReadOnlySpan<AnswerToken> tokens, AnswerRole role)
    {
        var words = new List<string>();
        foreach (var token in tokens)
        {
            if (role == AnswerRole.Reply && words.Count > 0 && token.Kind == AnswerTokenKind.Symbol && token.Text is "," or "(" or ")" or "." or "-" or "'")
                continue;
            if (!token.IsWord || (token.Text.Length == 1 && token.Lower is not ("a" or "i") && token.Text[0] < '\u2E80'))
                return null;
            if (Changing.Contains(token.Lower) || EnglishNumeral.SmallNumber(token.Lower) is not null || EnglishNumeral.TensNumber(token.Lower) is not null
                || EnglishNumeral.Part(token.Lower) is not null || EnglishNumeral.Scale(token.Lower) is not null)
                return null;
            if (words.Count == 0 && (!token.SpaceBefore || token.Text[0] >= '\u2E80') && !Counters.Any(c => token.Text.StartsWith(c, StringComparison.Ordinal)))
                return null;
            words.Add(token.Lower.Length > 3 && token.Lower[^1] == 's' ? token.Lower[..^1] : token.Lower);
        }

        return role == AnswerRole.Expected && words.Count > MaxWordsOfExpected ? null : words;
    }
}
