using System.Collections.Frozen;

namespace MiniMind.Training;

/// <summary>The number words of English.</summary>
internal static class EnglishNumeral
{
    private static readonly FrozenDictionary<string, int> Small = Numbered(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 0, 1);

    private static readonly FrozenDictionary<string, int> Tens = Numbered("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10);

    private static readonly FrozenDictionary<string, long> Scales = new Dictionary<string, long>
    {
        ["hundred"] = 100,
        ["thousand"] = 1_000,
        ["million"] = 1_000_000,
        ["billion"] = 1_000_000_000,
        ["trillion"] = 1_000_000_000_000,
        ["lakh"] = 100_000,
        ["crore"] = 10_000_000,
        ["dozen"] = 12,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, int> Parts = new Dictionary<string, int>
    {
        ["half"] = 2,
        ["halve"] = 2,
        ["third"] = 3,
        ["quarter"] = 4,
        ["fourth"] = 4,
        ["fifth"] = 5,
        ["sixth"] = 6,
        ["seventh"] = 7,
        ["eighth"] = 8,
        ["ninth"] = 9,
        ["tenth"] = 10,
        ["twelfth"] = 12,
        ["hundredth"] = 100,
        ["thousandth"] = 1000,
    }.ToFrozenDictionary();

    /// <summary>The value of a word from zero to nineteen.</summary>
    public static int? SmallNumber(string word) => Small.TryGetValue(word, out var value) ? value : null;

    /// <summary>The value of twenty, thirty … ninety.</summary>
    public static int? TensNumber(string word) => Tens.TryGetValue(word, out var value) ? value : null;

    /// <summary>What hundred, thousand, dozen … multiply by.</summary>
    public static Rational? Scale(string word) =>
        Scales.TryGetValue(word, out var value) || Scales.TryGetValue(word.TrimEnd('s'), out value) ? new Rational(value, 1) : null;

    /// <summary>The denominator that half, thirds, quarters … name.</summary>
    public static int? Part(string word) => Parts.TryGetValue(word, out var value) || Parts.TryGetValue(word.TrimEnd('s'), out value) ? value : null;

    private static FrozenDictionary<string, int> Numbered(string words, int first, int step) =>
        words.Split(' ').Select((word, i) => KeyValuePair.Create(word, first + (i * step))).ToFrozenDictionary();
}
