using System.Globalization;
using System.Text;

namespace MiniMind;

/// <summary>Unicode's canonical composition (NFC, UAX #15). .NET's own needs the International Components for Unicode, and without them gives every text back as
/// it is.</summary>
internal static class CanonicalComposition
{
    // No character below this one is changed by composition, or joined to the one before.
    private const int FirstMark = 0x300;

    private const int FirstSyllable = 0xac00;
    private const int FirstLead = 0x1100;
    private const int FirstVowel = 0x1161;
    private const int BeforeFirstTail = 0x11a7;
    private const int Leads = 19;
    private const int Vowels = 21;
    private const int Tails = 28;

    private static readonly Lazy<Tables> Data = new(Tables.Read);

    /// <summary>Where the first characters of a text end that are composed apart from those behind them.</summary>
    /// <param name="text">A text that is not empty.</param>
    /// <returns>The index behind them; half a surrogate pair stands alone.</returns>
    public static int EndOfCluster(ReadOnlySpan<char> text)
    {
        if (Rune.DecodeFromUtf16(text, out _, out var end) != System.Buffers.OperationStatus.Done)
            return end;
        while (end < text.Length && text[end] >= FirstMark && Rune.DecodeFromUtf16(text[end..], out var rune, out var width) == System.Buffers.OperationStatus.Done
            && JoinsTheOneBefore(rune.Value))
            end += width;
        return end;
    }

    /// <summary>Whether composition leaves the characters of one cluster as they are.</summary>
    public static bool IsComposed(ReadOnlySpan<char> cluster)
    {
        if (cluster.Length == 1 && (cluster[0] < FirstMark || char.IsSurrogate(cluster[0])))
            return true;
        Rune.DecodeFromUtf16(cluster, out var rune, out var width);
        return width == cluster.Length ? !Data.Value.NeverComposed.Contains(rune.Value) : cluster.SequenceEqual(Compose(cluster));
    }

    /// <summary>Composes the characters of one cluster.</summary>
    public static string Compose(ReadOnlySpan<char> cluster)
    {
        var codes = new List<int>(cluster.Length);
        foreach (var rune in cluster.EnumerateRunes())
            Decompose(rune.Value, codes);
        Order(codes);
        var composed = new StringBuilder(cluster.Length);
        foreach (var code in Join(codes))
            composed.Append(new Rune(code));
        return composed.ToString();
    }

    private static bool JoinsTheOneBefore(int code)
    {
        // Ideographs and whole syllables, of which long texts are made, are never joined to what stands before them.
        if (code is (>= 0x3400 and <= 0x9fff) or (>= FirstSyllable and < FirstSyllable + (Leads * Vowels * Tails)))
            return false;
        while (Data.Value.Decompositions.TryGetValue(code, out var parts))
            code = parts.First;
        return ClassOf(code) > 0 || Data.Value.Seconds.Contains(code) || code is >= FirstVowel and < FirstVowel + Vowels or > BeforeFirstTail and < BeforeFirstTail + Tails;
    }

    private static int ClassOf(int code) => code < FirstMark ? 0 : Data.Value.Classes.GetValueOrDefault(code);

    private static void Decompose(int code, List<int> codes)
    {
        if (code - FirstSyllable is >= 0 and < Leads * Vowels * Tails and var syllable)
        {
            codes.Add(FirstLead + (syllable / (Vowels * Tails)));
            codes.Add(FirstVowel + (syllable / Tails % Vowels));
            if (syllable % Tails > 0)
                codes.Add(BeforeFirstTail + (syllable % Tails));
        }
        else if (Data.Value.Decompositions.TryGetValue(code, out var parts))
        {
            Decompose(parts.First, codes);
            if (parts.Second >= 0)
                Decompose(parts.Second, codes);
        }
        else
        {
            codes.Add(code);
        }
    }

    /// <summary>Puts marks that stand together into the order of their classes; those of one class keep theirs.</summary>
    private static void Order(List<int> codes)
    {
        for (var start = 0; start < codes.Count; start++)
        {
            var end = start;
            while (end < codes.Count && ClassOf(codes[end]) > 0)
                end++;
            if (end - start < 2)
                continue;
            foreach (var (i, code) in codes[start..end].OrderBy(ClassOf).Index())
                codes[start + i] = code;
            start = end;
        }
    }

    private static List<int> Join(List<int> codes)
    {
        var joined = new List<int>(codes.Count);
        var (starter, lastClass) = (-1, 0);
        foreach (var code in codes)
        {
            var ownClass = ClassOf(code);
            // A mark behind one of its own class, or a starter behind a mark, does not reach the starter before.
            var isBlocked = starter < 0 || (joined.Count - 1 > starter && lastClass >= ownClass);
            if (!isBlocked && Pair(joined[starter], code) is { } pair)
            {
                joined[starter] = pair;
                continue;
            }

            if (ownClass == 0)
                starter = joined.Count;
            lastClass = ownClass;
            joined.Add(code);
        }

        return joined;
    }

    private static int? Pair(int first, int second)
    {
        if (first - FirstLead is >= 0 and < Leads and var lead && second - FirstVowel is >= 0 and < Vowels and var vowel)
            return FirstSyllable + (((lead * Vowels) + vowel) * Tails);
        if (first - FirstSyllable is >= 0 and < Leads * Vowels * Tails and var syllable && syllable % Tails == 0 && second - BeforeFirstTail is > 0 and < Tails and var tail)
            return first + tail;
        return Data.Value.Pairs.TryGetValue((first, second), out var pair) ? pair : null;
    }

    private sealed record Tables(
        Dictionary<int, int> Classes,
        Dictionary<int, (int First, int Second)> Decompositions,
        Dictionary<(int First, int Second), int> Pairs,
        HashSet<int> Seconds,
        HashSet<int> NeverComposed)
    {
        public static Tables Read()
        {
            var tables = new Tables([], [], [], [], []);
            using var reader = new StreamReader(typeof(CanonicalComposition).Assembly.GetManifestResourceStream("canonical.txt")!);
            while (reader.ReadLine() is { } line)
                if (!line.StartsWith('#'))
                    tables.Add(line);
            return tables;
        }

        private void Add(string line)
        {
            var codes = line.TrimEnd('!').Split(' ', '=');
            var code = Code(codes[0]);
            if (!line.Contains('='))
            {
                Classes[code] = int.Parse(codes[1], CultureInfo.InvariantCulture);
                return;
            }

            var parts = (First: Code(codes[1]), Second: codes.Length > 2 ? Code(codes[2]) : -1);
            Decompositions[code] = parts;
            if (line.EndsWith('!'))
            {
                NeverComposed.Add(code);
                return;
            }

            Pairs[parts] = code;
            Seconds.Add(parts.Second);
        }

        private static int Code(string hexadecimal) => int.Parse(hexadecimal, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
