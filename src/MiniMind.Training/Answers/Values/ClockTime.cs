namespace MiniMind.Training;

/// <summary>A time of day. One with <c>AM</c> or <c>PM</c> equals that of 24 hours; one without is that of 24 hours.</summary>
internal sealed class ClockTime : AnswerValue
{
    private readonly (int Hour, int Minute, int Second) _time;

    private ClockTime(int hour, int minute, int second) => _time = (hour, minute, second);

    /// <summary>Reads a time that is all of the tokens.</summary>
    public static ClockTime? Read(ReadOnlySpan<AnswerToken> tokens)
    {
        bool? afternoon;
        if (tokens is [{ IsWord: true, Lower: "上午" or "早上" or "凌晨" or "下午" or "晚上" } part, .. var behind])
        {
            afternoon = part.Lower is "下午" or "晚上";
            tokens = behind;
        }

        else
            afternoon = Suffix(ref tokens);
        var read = tokens switch
        {
            [{ IsNumber: true } h, { Text: ":" }, { IsNumber: true, Text.Length: 2 } m] => Of(h, m, null, afternoon),
            [{ IsNumber: true } h, { Text: ":" }, { IsNumber: true, Text.Length: 2 } m, { Text: ":" }, { IsNumber: true, Text.Length: 2 } s] => Of(h, m, s, afternoon),
            [{ IsNumber: true } h, { Text: "点" or "时" }, { IsNumber: true } m, { Text: "分" }] => Of(h, m, null, afternoon),
            [{ IsNumber: true } h, { Text: "点" or "点钟" }] => Of(h, null, null, afternoon),
            [{ IsNumber: true } h, { Text: "点" }, { IsNumber: true, Text: "半" }] => Of(h, null, null, afternoon, minutes: 30),
            [{ IsNumber: true } h] when afternoon is not null => Of(h, null, null, afternoon),
            _ => null,
        };
        return read;
    }

    public override bool Accepts(AnswerValue reply, double tolerance) => reply is ClockTime other && other._time == _time;

    /// <summary>AM, p.m.</summary>
    private static bool? Suffix(ref ReadOnlySpan<AnswerToken> tokens)
    {
        if (tokens is [.. var before, { IsWord: true, Lower: "am" or "pm" } word])
        {
            tokens = before;
            return word.Lower == "pm";
        }

        if (tokens is [.. var dotted, { Text: "." }] && dotted is [.., { IsWord: true, Lower: "m" }])
            tokens = dotted;
        if (tokens is [.. var start, { IsWord: true, Lower: "a" or "p" } letter, { Text: "." }, { IsWord: true, Lower: "m" }])
        {
            tokens = start;
            return letter.Lower == "p";
        }

        return null;
    }

    private static ClockTime? Of(AnswerToken hour, AnswerToken? minute, AnswerToken? second, bool? afternoon, int minutes = 0)
    {
        int? Whole(AnswerToken? token, int otherwise, int max) =>
            token is null ? otherwise : token.Value.IsInteger && token.Value.Sign >= 0 && token.Value <= max ? (int)token.Value.Numerator : null;
        if (Whole(hour, 0, 24) is not { } h || Whole(minute, minutes, 59) is not { } m || Whole(second, 0, 59) is not { } s)
            return null;
        if (afternoon is { } pm)
        {
            // 下午15:30 says it twice; 13 AM says nothing.
            if (h > 12)
                return pm ? new ClockTime(h, m, s) : null;
            h = (h % 12) + (pm ? 12 : 0);
        }

        return new ClockTime(h, m, s);
    }
}
