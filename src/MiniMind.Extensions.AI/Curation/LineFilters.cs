using System.Globalization;
using System.Text;

namespace MiniMind.Extensions.AI;

/// <summary>The filters that look at a line alone, and what those that compare lines need to know of it. Many lines are looked at at the same time.</summary>
internal sealed class LineFilters
{
    public const string Invalid = "no conversation";
    public const string Duplicate = "duplicates";
    public const string PassRate = "pass rate";
    public const string Repetition = "repetition";
    public const string Scripts = "scripts";
    public const string Length = "length";
    public const string Contaminated = "held-out problems";
    public const string NearDuplicate = "near duplicates";
    public const string PerProblem = "per problem";
    public const string Balance = "balance";

    private const int LeastWindows = 4;

    private readonly CurationOptions _options;
    private readonly MiniMindTokenizer? _tokenizer;
    private readonly HashSet<ulong> _heldOut = [];

    public LineFilters(CurationOptions options, MiniMindTokenizer? tokenizer)
    {
        (_options, _tokenizer) = (options, tokenizer);
        MinHash = options.NearDuplicates is { } near ? new MinHash(near.Hashes, near.Threshold) : null;
        if (options.Decontamination is { } rule)
            foreach (var text in rule.HeldOut)
                _heldOut.UnionWith(WordStream.Passages(WordStream.Read(text), rule.Words));
    }

    public MinHash? MinHash { get; }

    /// <summary>Looks at a line.</summary>
    public void Look(CurationLine line)
    {
        if (_options.Duplicates is { } duplicates)
            line.Text = Hash(WordStream.Read(line.TextOf(duplicates.Scope)));
        if (_options.PassRate is { } window && line.Source is { Replies: > 0 } source && (double)source.Right / source.Replies is var rate && (rate < window.Min || rate > window.Max))
            line.Take(PassRate, string.Create(CultureInfo.InvariantCulture, $"{source.Right} of {source.Replies} replies to the problem are right"));
        if (_options.Repetition is { } limit && Repeated(line.LastReply?.Content ?? string.Empty, limit.WindowTokens) is var repeated && repeated > limit.MaxRepetition)
            line.Take(Repetition, string.Create(CultureInfo.InvariantCulture, $"{100 * repeated:F0} % of the reply's windows of {limit.WindowTokens} words occurred before in it"));
        if (_options.Scripts is { } scripts && ShareOf(scripts.Wanted, line.Conversation) is var share && share < scripts.MinShare)
            line.Take(Scripts, string.Create(CultureInfo.InvariantCulture, $"{100 * share:F0} % of the letters are of the wanted scripts"));
        LookAtLength(line);
        if (_options.Decontamination is { } rule && WordStream.Passages(WordStream.Read(line.Question), rule.Words).Any(_heldOut.Contains))
            line.Take(Contaminated, $"the question shares {rule.Words} words in a row with a held-out problem");
        if (line.Taken is null && _options.NearDuplicates is { } near)
            line.Keys = MinHash!.Keys(WordStream.Passages(WordStream.Read(line.TextOf(near.Scope)), near.Words));
    }

    private void LookAtLength(CurationLine line)
    {
        if (_options.PerProblem is not null || _options.Length is { MaxReasoningTokens: not null })
            line.ReasoningLength = LengthOf(line.LastReply is { } reply ? reply.ReasoningContent ?? ReasoningReply.Parse(reply.Content).Reasoning : string.Empty);
        if (_options.Length is not { } length)
            return;
        var tokens = _tokenizer!.EncodeChat(line.Turns).Length;
        if (tokens < length.MinTokens || tokens > length.MaxTokens)
            line.Take(Length, string.Create(CultureInfo.InvariantCulture, $"{tokens} tokens; expected {length.MinTokens} to {length.MaxTokens}"));
        else if (line.ReasoningLength > length.MaxReasoningTokens)
            line.Take(Length, string.Create(CultureInfo.InvariantCulture, $"{line.ReasoningLength} tokens of reasoning; expected at most {length.MaxReasoningTokens}"));
    }

    private int LengthOf(string text) => _tokenizer?.Encode(text, addSpecialTokens: false).Length ?? text.Length;

    private static double Repeated(string text, int window)
    {
        var words = WordStream.Read(text);
        if (words.Count < window + LeastWindows - 1)
            return 0;
        var seen = new HashSet<ulong>();
        var (all, again) = (0, 0);
        foreach (var passage in WordStream.Passages(words, window))
        {
            all++;
            again += seen.Add(passage) ? 0 : 1;
        }

        return (double)again / all;
    }

    private static double ShareOf(IReadOnlySet<WritingScript> wanted, string text)
    {
        var (letters, right) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
            if (Rune.IsLetter(rune))
            {
                letters++;
                right += wanted.Contains(WritingScripts.Of(rune)) ? 1 : 0;
            }

        return letters == 0 ? 1 : (double)right / letters;
    }

    private static LedgerKey Hash(List<ulong> words)
    {
        var (high, low) = (0x9E3779B97F4A7C15ul, 0xC2B2AE3D27D4EB4Ful);
        foreach (var word in words)
            (high, low) = (WordStream.Mix((high * 31) ^ word), WordStream.Mix((low * 37) + word));
        return new LedgerKey(high, low);
    }
}
