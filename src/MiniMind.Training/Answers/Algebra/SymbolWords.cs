using System.Collections.Frozen;

namespace MiniMind.Training;

/// <summary>Tells letters that are symbols of an expression from words of a language.</summary>
internal static class SymbolWords
{
    private const string Letters = "abcdkmnpqrstuvwxyz";

    /// <summary>Pairs of such letters that are words or units.</summary>
    private static readonly FrozenSet<string> Words = new[] { "am", "pm", "my", "by", "as", "us", "cm", "km", "mm", "ms", "st", "nd", "rd", "dr", "mr", "kb", "mb", "ct", "cs", "pt", "qt", "pts", "sqr", "abs" }
        .ToFrozenSet();

    /// <summary>Whether a word is one symbol or a product of few.</summary>
    public static bool IsSymbols(string word) =>
        (word.Length == 1 && (char.IsAsciiLetter(word[0]) || word[0] is >= 'α' and <= 'ω' or >= 'Α' and <= 'Ω'))
        || LatexCommands.Greek.Contains(word)
        || (word.Length is 2 or 3 && word.All(c => Letters.Contains(c, StringComparison.Ordinal)) && !Words.Contains(word)
            && (word.Length == 2 || word is "abc" or "xyz" or "mnp" or "pqr" or "rst" or "abd" or "bcd"));

    /// <summary>The product of a word's letters.</summary>
    public static Expression Product(string word)
    {
        if (word.Length == 1 || LatexCommands.Greek.Contains(word))
            return Expression.Named(Greek(word));
        var product = Expression.Of(1);
        foreach (var letter in word)
            product *= Expression.Named(letter.ToString());
        return product;
    }

    /// <summary>θ and \theta are one symbol.</summary>
    private static string Greek(string name) => name switch
    {
        "α" => "alpha",
        "β" => "beta",
        "γ" => "gamma",
        "δ" => "delta",
        "ε" or "varepsilon" => "epsilon",
        "θ" or "vartheta" => "theta",
        "λ" => "lambda",
        "μ" => "mu",
        "ρ" => "rho",
        "σ" => "sigma",
        "φ" or "varphi" => "phi",
        "ω" => "omega",
        _ => name,
    };
}
