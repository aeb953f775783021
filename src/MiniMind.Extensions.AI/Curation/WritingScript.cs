using System.Text;

namespace MiniMind.Extensions.AI;

/// <summary>Scripts that <see cref="ScriptRule"/> tells apart.</summary>
public enum WritingScript
{
    /// <summary>Any other.</summary>
    Other,

    /// <summary>Latin letters.</summary>
    Latin,

    /// <summary>Chinese characters, also those in Japanese and Korean texts.</summary>
    Han,

    /// <summary>Hiragana and Katakana.</summary>
    Kana,

    /// <summary>Korean Hangul.</summary>
    Hangul,

    /// <summary>Cyrillic letters.</summary>
    Cyrillic,

    /// <summary>Greek letters.</summary>
    Greek,

    /// <summary>Arabic letters.</summary>
    Arabic,

    /// <summary>Hebrew letters.</summary>
    Hebrew,

    /// <summary>Devanagari letters.</summary>
    Devanagari,
}

/// <summary>Tells a letter's script by its block in Unicode.</summary>
internal static class WritingScripts
{
    public static WritingScript Of(Rune letter) => letter.Value switch
    {
        <= 0x024F or (>= 0x1E00 and <= 0x1EFF) or (>= 0xFF21 and <= 0xFF5A) => WritingScript.Latin,
        >= 0x0370 and <= 0x03FF or (>= 0x1F00 and <= 0x1FFF) => WritingScript.Greek,
        >= 0x0400 and <= 0x052F => WritingScript.Cyrillic,
        >= 0x0590 and <= 0x05FF => WritingScript.Hebrew,
        >= 0x0600 and <= 0x077F or (>= 0xFB50 and <= 0xFEFC) => WritingScript.Arabic,
        >= 0x0900 and <= 0x097F => WritingScript.Devanagari,
        >= 0x1100 and <= 0x11FF or (>= 0xAC00 and <= 0xD7AF) or (>= 0x3130 and <= 0x318F) => WritingScript.Hangul,
        >= 0x3040 and <= 0x30FF or (>= 0xFF66 and <= 0xFF9D) => WritingScript.Kana,
        >= 0x2E80 and <= 0x2FDF or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF) => WritingScript.Han,
        _ => WritingScript.Other,
    };

    /// <summary>Whether words of the script are written without spaces between them.</summary>
    public static bool HasNoSpaces(WritingScript script) => script is WritingScript.Han or WritingScript.Kana or WritingScript.Hangul;
}
