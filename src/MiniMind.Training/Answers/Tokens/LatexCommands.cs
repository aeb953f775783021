using System.Collections.Frozen;

namespace MiniMind.Training;

/// <summary>What LaTeX commands mean to an answer.</summary>
internal static class LatexCommands
{
    /// <summary>Commands that only change how their argument looks.</summary>
    public static readonly FrozenSet<string> Wrappers = Words(
        "text textbf textit textrm textnormal textsf texttt mathrm mathbf mathit mathsf mathtt mathbb mathcal mbox hbox operatorname rm bf it boxed fbox emph "
        + "underline boldsymbol bm ensuremath mathop");

    /// <summary>Commands that are only space or style.</summary>
    public static readonly FrozenSet<string> Space = Words(
        "left right big Big bigl bigr Bigl Bigr bigg Bigg biggl biggr displaystyle textstyle scriptstyle limits nolimits quad qquad hfill hspace thinspace "
        + "therefore because centering space nobreak allowbreak");

    public static readonly FrozenSet<string> Functions = Words("sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp max min gcd lcm det");

    public static readonly FrozenSet<string> Greek = Words(
        "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau upsilon phi varphi chi psi omega "
        + "Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega ell");

    private static readonly FrozenDictionary<string, string> Symbols = new Dictionary<string, string>
    {
        ["times"] = "*",
        ["cdot"] = "*",
        ["ast"] = "*",
        ["bullet"] = "*",
        ["div"] = "/",
        ["le"] = "≤",
        ["leq"] = "≤",
        ["leqslant"] = "≤",
        ["leqq"] = "≤",
        ["ge"] = "≥",
        ["geq"] = "≥",
        ["geqslant"] = "≥",
        ["geqq"] = "≥",
        ["lt"] = "<",
        ["gt"] = ">",
        ["ne"] = "≠",
        ["neq"] = "≠",
        ["approx"] = "≈",
        ["simeq"] = "≈",
        ["sim"] = "≈",
        ["cong"] = "≈",
        ["doteq"] = "≈",
        ["equiv"] = "≡",
        ["pm"] = "±",
        ["mp"] = "∓",
        ["cup"] = "∪",
        ["cap"] = "∩",
        ["in"] = "∈",
        ["infty"] = "∞",
        ["infinity"] = "∞",
        ["pi"] = "π",
        ["circ"] = "°",
        ["degree"] = "°",
        ["percent"] = "%",
        ["lbrace"] = "\\{",
        ["rbrace"] = "\\}",
        ["ldots"] = "…",
        ["dots"] = "…",
        ["cdots"] = "…",
        ["dotsc"] = "…",
        ["to"] = "→",
        ["rightarrow"] = "→",
        ["Rightarrow"] = "→",
        ["implies"] = "→",
        ["emptyset"] = "∅",
        ["varnothing"] = "∅",
        ["mid"] = "|",
        ["vert"] = "|",
        ["lvert"] = "|",
        ["rvert"] = "|",
        ["colon"] = ":",
        ["setminus"] = "∖",
        ["land"] = "and",
        ["wedge"] = "and",
        ["lor"] = "or",
        ["vee"] = "or",
        ["euro"] = "€",
        ["pounds"] = "£",
        ["frac"] = "frac",
        ["dfrac"] = "frac",
        ["tfrac"] = "frac",
        ["cfrac"] = "frac",
        ["sqrt"] = "sqrt",
        ["binom"] = "binom",
        ["dbinom"] = "binom",
        ["tbinom"] = "binom",
        ["angle"] = "∠",
        ["langle"] = "⟨",
        ["rangle"] = "⟩",
        ["lfloor"] = "⌊",
        ["rfloor"] = "⌋",
        ["lceil"] = "⌈",
        ["rceil"] = "⌉",
    }.ToFrozenDictionary();

    /// <summary>The symbol that a command or an escaped character writes.</summary>
    public static string? Symbol(string command) => command switch
    {
        "%" or "|" => command,
        "$" => "$",
        "{" => "\\{",
        "}" => "\\}",
        "\\" => "\\\\",
        _ => Symbols.GetValueOrDefault(command),
    };

    private static FrozenSet<string> Words(string list) => list.Split(' ').ToFrozenSet();
}
