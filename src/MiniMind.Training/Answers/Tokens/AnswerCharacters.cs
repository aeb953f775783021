using System.Globalization;
using System.Text;

namespace MiniMind.Training;

/// <summary>Gives every character of an answer its one spelling: full-width forms, the digits of all scripts, dashes, spaces, superscripts,
/// vulgar fractions, mathematical signs. Independent of culture and of the process's globalization mode; linear.</summary>
internal static class AnswerCharacters
{
    /// <summary>Folds a text.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The folded text.</returns>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length + 16);
        for (var at = 0; at < text.Length; at++)
        {
            var c = text[at];
            if (c < 0x80)
                folded.Append(c);
            else if (char.IsHighSurrogate(c) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
                AppendPair(folded, text, at++);
            else if (Script(c) is { } mark)
                at = AppendRaised(folded, text, at, mark);
            else if (CharUnicodeInfo.GetDecimalDigitValue(c) is >= 0 and var digit)
                folded.Append((char)('0' + digit));
            else if (c is >= '\uFF01' and <= '\uFF5E')
                folded.Append((char)(c - 0xFEE0));
            else
                AppendOther(folded, c);
        }

        return folded.ToString();
    }

    private static void AppendPair(StringBuilder folded, string text, int at)
    {
        if (CharUnicodeInfo.GetDecimalDigitValue(text, at) is >= 0 and var digit)
            folded.Append((char)('0' + digit));
        else
            folded.Append(text, at, 2);
    }

    private static string? Script(char c) => Raised(c) is not null ? "^" : c is >= '\u2080' and <= '\u2089' ? "_" : null;

    private static char? Raised(char c) => c switch
    {
        '²' => '2',
        '³' => '3',
        '¹' => '1',
        '\u2070' or (>= '\u2074' and <= '\u2079') => (char)('0' + (c - '\u2070')),
        '\u207A' => '+',
        '\u207B' => '-',
        '\u207F' => 'n',
        _ => null,
    };

    /// <summary>10⁻³ becomes 10^{-3}, x₁₂ becomes x_{12}.</summary>
    private static int AppendRaised(StringBuilder folded, string text, int at, string mark)
    {
        folded.Append(mark).Append('{');
        for (; at < text.Length && Script(text[at]) == mark; at++)
            folded.Append(Raised(text[at]) ?? (char)('0' + (text[at] - '\u2080')));
        folded.Append('}');
        return at - 1;
    }

    private static void AppendOther(StringBuilder folded, char c)
    {
        switch (c)
        {
            case '\u00AD' or (>= '\u200B' and <= '\u200F') or '\u2060' or '\uFEFF' or '\uFE0E' or '\uFE0F':
                break;
            case '\u00A0' or '\u3000' or (>= '\u2000' and <= '\u200A') or '\u202F' or '\u205F' or '\u2061' or '\u2062':
                folded.Append(' ');
                break;
            case (>= '\u2010' and <= '\u2013') or '\u2212' or '\uFE63' or '\u2043':
                folded.Append('-');
                break;
            case '\u2014' or '\u2015':
                folded.Append('\u2014');
                break;
            default:
                folded.Append(Sign(c));
                break;
        }
    }

    private static string Sign(char c) => c switch
    {
        '、' or '،' or '､' => ",",
        '“' or '”' or '„' or '«' or '»' or '「' or '」' or '『' or '』' or '【' or '】' or '《' or '》' => "\"",
        '‘' or '’' or 'ʼ' or '′' => "'",
        '″' => "''",
        '∶' or 'ː' or '﹕' => ":",
        '×' or '✕' or '✖' or '⋅' or '·' or '∙' or '∗' or '⨯' => "*",
        '÷' or '∕' or '⁄' => "/",
        '≦' or '⩽' => "≤",
        '≧' or '⩾' => "≥",
        '≃' or '≅' or '∼' => "≈",
        '٪' or '﹪' => "%",
        '٫' => ".",
        '˚' or 'º' or 'ᵒ' => "°",
        '℃' => "°C",
        '℉' => "°F",
        '￥' => "¥",
        '￡' => "£",
        '∣' => "|",
        '…' or '⋯' => "…",
        '⇒' or '⟹' or '⟶' => "→",
        '⩵' => "=",
        'µ' => "μ",
        '½' => @"\frac{1}{2}",
        '⅓' => @"\frac{1}{3}",
        '⅔' => @"\frac{2}{3}",
        '¼' => @"\frac{1}{4}",
        '¾' => @"\frac{3}{4}",
        '⅕' => @"\frac{1}{5}",
        '⅖' => @"\frac{2}{5}",
        '⅗' => @"\frac{3}{5}",
        '⅘' => @"\frac{4}{5}",
        '⅙' => @"\frac{1}{6}",
        '⅚' => @"\frac{5}{6}",
        '⅐' => @"\frac{1}{7}",
        '⅛' => @"\frac{1}{8}",
        '⅜' => @"\frac{3}{8}",
        '⅝' => @"\frac{5}{8}",
        '⅞' => @"\frac{7}{8}",
        '⅑' => @"\frac{1}{9}",
        '⅒' => @"\frac{1}{10}",
        '㎏' => "kg",
        '㎝' => "cm",
        '㎞' => "km",
        '㎡' => "m^{2}",
        '㎥' => "m^{3}",
        _ => c.ToString(),
    };
}
