using System.Globalization;
using System.Text;

namespace MiniMind.Extensions.AI;

/// <summary>A text as hashes of its words, so that texts can be compared: small letters, no punctuation; where words are written without spaces, each character.</summary>
internal static class WordStream
{
    /// <summary>The words' hashes.</summary>
    public static List<ulong> Read(string text)
    {
        var words = new List<ulong>(text.Length / 5);
        var word = Start;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii ? !char.IsAsciiLetterOrDigit((char)rune.Value) : !IsWordPart(rune))
            {
                End(words, ref word);
                continue;
            }

            if (!rune.IsAscii && WritingScripts.HasNoSpaces(WritingScripts.Of(rune)))
            {
                End(words, ref word);
                words.Add(Mix(Start ^ (ulong)rune.Value));
                continue;
            }

            word = (word ^ (ulong)(rune.IsAscii ? char.ToLowerInvariant((char)rune.Value) : Rune.ToLowerInvariant(rune).Value)) * Prime;
        }

        End(words, ref word);
        return words;
    }

    /// <summary>Hashes of all passages of so many words; of a text of fewer, the one of all its words.</summary>
    public static IEnumerable<ulong> Passages(IReadOnlyList<ulong> words, int length)
    {
        if (words.Count == 0)
            yield break;
        for (var i = 0; i + length <= words.Count || i == 0; i++)
        {
            var hash = Start;
            for (var j = i; j < Math.Min(i + length, words.Count); j++)
                hash = Mix((hash * Prime) ^ words[j]);
            yield return hash;
        }
    }

    /// <summary>Spreads a number's bits over all of them (the finalizer of MurmurHash3).</summary>
    public static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCD;
        x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53;
        return x ^ (x >> 33);
    }

    // FNV-1a.
    private const ulong Start = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    private static bool IsWordPart(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static void End(List<ulong> words, ref ulong word)
    {
        if (word != Start)
            words.Add(Mix(word));
        word = Start;
    }
}
