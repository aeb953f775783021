using System.Collections.Frozen;

namespace MiniMind.Training;

/// <summary>Yes or no, true or false. The two pairs answer different questions and are never equal to each other.</summary>
internal sealed class YesNo : AnswerValue
{
    private static readonly FrozenDictionary<string, (bool Value, bool Yes, bool True)> Words = new Dictionary<string, (bool, bool, bool)>
    {
        ["yes"] = (true, true, false),
        ["no"] = (false, true, false),
        ["是"] = (true, true, false),
        ["是的"] = (true, true, false),
        ["否"] = (false, true, false),
        ["不是"] = (false, true, false),
        ["true"] = (true, false, true),
        ["false"] = (false, false, true),
        ["正确"] = (true, false, true),
        ["错误"] = (false, false, true),
        ["不正确"] = (false, false, true),
        ["对"] = (true, true, true),
        ["不对"] = (false, true, true),
        ["错"] = (false, true, true),
    }.ToFrozenDictionary();

    private readonly (bool Value, bool Yes, bool True) _word;

    private YesNo((bool, bool, bool) word) => _word = word;

    /// <summary>Reads one word; of a reply also the word that a comma, a full stop or a colon ends.</summary>
    public static YesNo? Read(ReadOnlySpan<AnswerToken> tokens, AnswerRole role)
    {
        if (tokens.IsEmpty || !tokens[0].IsWord || !Words.TryGetValue(tokens[0].Lower, out var word))
            return null;
        return tokens.Length == 1 || (role == AnswerRole.Reply && tokens[1] is { Kind: AnswerTokenKind.Symbol, Text: "," or "." or ":" or ";" or "。" or "!" or "—" })
            ? new YesNo(word)
            : null;
    }

    public override bool Accepts(AnswerValue reply, double tolerance) =>
        reply is YesNo other && other._word.Value == _word.Value && ((other._word.Yes && _word.Yes) || (other._word.True && _word.True));
}
