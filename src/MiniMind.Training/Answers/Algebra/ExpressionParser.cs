using System.Collections.Frozen;

namespace MiniMind.Training;

/// <summary>Reads an expression from tokens, as far as it goes. It is a descent by precedence: sum, product, sign, power, primary.</summary>
internal ref struct ExpressionParser
{
    private const int MaxDepth = 60;

    private static readonly FrozenSet<string> FunctionLetters = new[] { "f", "g", "h", "F", "G", "H", "P", "E" }.ToFrozenSet();

    private readonly ReadOnlySpan<AnswerToken> _tokens;
    private readonly bool _symbols;
    private readonly int _sign;
    private int _depth;

    /// <summary>Creates a parser.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="symbols">Whether letters are symbols; else they end the expression.</param>
    /// <param name="sign">What ± means: 1 or −1; 0 if it may not occur.</param>
    public ExpressionParser(ReadOnlySpan<AnswerToken> tokens, bool symbols, int sign = 0)
    {
        _tokens = tokens;
        _symbols = symbols;
        _sign = sign;
    }

    /// <summary>Where the parser stands: behind what it has read.</summary>
    public int At { get; private set; }

    /// <summary>Whether numbers were left to be added or multiplied, as in 3 + 3: a task and not yet its result.</summary>
    public bool IsUnfinished { get; private set; }

    private readonly AnswerToken? Current => At < _tokens.Length ? _tokens[At] : null;

    /// <summary>Reads an expression that is all of the tokens.</summary>
    public static Expression? ReadAll(ReadOnlySpan<AnswerToken> tokens, bool symbols, out bool isUnfinished, int sign = 0)
    {
        var parser = new ExpressionParser(tokens, symbols, sign);
        var result = parser.Sum();
        isUnfinished = parser.IsUnfinished;
        return parser.At == tokens.Length ? result : null;
    }

    /// <summary>Reads the longest sum.</summary>
    public Expression? Sum()
    {
        if (++_depth > MaxDepth)
            return null;
        var sum = Product(out _);
        while (sum is not null && Current is { Kind: AnswerTokenKind.Symbol, Text: "+" or "-" or "±" or "∓" } operation)
        {
            var before = At++;
            if (Product(out _) is not { } term)
            {
                At = before;
                break;
            }

            IsUnfinished |= sum.Constant is not null && term.Constant is not null;
            sum = SignOf(operation.Text) switch { 1 => sum + term, -1 => sum - term, _ => null };
        }

        _depth--;
        return sum;
    }

    private readonly int SignOf(string sign) => sign switch { "+" => 1, "-" => -1, "±" => _sign, _ => -_sign };

    private Expression? Product(out bool isLiteral)
    {
        var product = Signed(out isLiteral);
        while (product is not null && Current is { } token)
        {
            var before = At;
            var divides = token.Is("/");
            var explicitly = divides || token.Is("*") || IsTimesLetter();
            if (explicitly)
                At++;
            else if (!BeginsFactor(token))
                break;
            var isPowerOfTen = Current is { IsNumber: true } ten && ten.Value == 10;
            var factor = explicitly ? Signed(out var literal) : Power(out literal);
            if (factor is null)
            {
                At = before;
                break;
            }

            if (product.Constant is not null && factor.Constant is not null)
                IsUnfinished |= divides ? !(isLiteral && literal) : !(explicitly && isPowerOfTen && isLiteral);
            isLiteral = false;
            product = divides ? product / factor : product * factor;
        }

        return product;
    }

    /// <summary>1.5 x 10^3.</summary>
    private readonly bool IsTimesLetter() => Current is { IsWord: true, Lower: "x" } && At > 0 && At + 1 < _tokens.Length && _tokens[At - 1].IsNumber
        && _tokens[At + 1].IsNumber && _tokens[At + 1].SpaceBefore == Current.SpaceBefore;

    private readonly bool BeginsFactor(AnswerToken token) => token.Kind switch
    {
        AnswerTokenKind.Symbol => token.Text is "(" or "frac" or "sqrt" or "√" or "π" or "binom" || (token.Text is "{" && At > 0),
        AnswerTokenKind.Word => IsSymbolWord(token) || (LatexCommands.Functions.Contains(token.Text) && _symbols) || token.Lower is "pi" or "sqrt",
        _ => false,
    };

    private readonly bool IsSymbolWord(AnswerToken token) => _symbols && SymbolWords.IsSymbols(token.Text);

    private Expression? Signed(out bool isLiteral)
    {
        isLiteral = false;
        var negative = Current is { } token && (token.Is("-") || (token.IsWord && token.Lower is "minus" or "negative"));
        if (negative || Current is { Kind: AnswerTokenKind.Symbol, Text: "+" or "±" or "∓" })
        {
            var sign = negative ? -1 : SignOf(Current!.Text);
            At++;
            // --5 is no number that anybody means.
            if (sign == 0 || Current is { Kind: AnswerTokenKind.Symbol, Text: "-" or "+" or "±" } || Power(out isLiteral) is not { } value)
                return null;
            return sign < 0 ? -value : value;
        }

        return Power(out isLiteral);
    }

    private Expression? Power(out bool isLiteral)
    {
        var value = Primary(out isLiteral);
        while (value is not null && Current is { Kind: AnswerTokenKind.Symbol, Text: "!" or "^" } token)
        {
            At++;
            if (token.Text == "!")
                value = value.Factorial();
            else if (Argument() is { } exponent)
                value = value.Power(exponent);
            else
                return null;
            isLiteral = false;
        }

        return value;
    }

    /// <summary>What stands behind ^, \frac or \sqrt: a group, or a single thing.</summary>
    private Expression? Argument()
    {
        if (Current is not { } token)
            return null;
        if (token.Is("{"))
            return Group("}");
        if (token.Is("-") || token.Is("+"))
            return Signed(out _);
        return Primary(out _);
    }

    private Expression? Primary(out bool isLiteral)
    {
        isLiteral = false;
        if (Current is not { } token)
            return null;
        if (token.IsNumber)
            return Number(token, out isLiteral);
        if (token.IsWord)
            return Word(token);
        if (token.Kind != AnswerTokenKind.Symbol)
            return null;
        switch (token.Text)
        {
            case "(":
                return Group(")", out isLiteral);
            case "[":
                return Group("]");
            case "{":
                return Group("}");
            case "|":
                return Group("|")?.AbsoluteValue();
            case "π":
                At++;
                return Expression.Named("π");
            case "∞":
                At++;
                return Expression.Named("∞");
            case "√" or "sqrt":
                return Root();
            case "frac":
                At++;
                return Digit() is { } over && Digit() is { } under ? over / under : null;
            case "binom":
                At++;
                return Argument() is { Constant: { IsInteger: true } n } && Argument() is { Constant: { IsInteger: true } k } && k.Sign >= 0 && n >= k
                    ? Expression.Of(n).Factorial() / (Expression.Of(k).Factorial() * Expression.Of(n - k).Factorial())
                    : null;
            default:
                return null;
        }
    }

    private Expression? Group(string close) => Group(close, out _);

    private Expression? Group(string close, out bool isLiteral)
    {
        At++;
        var start = At;
        var value = Sum();
        isLiteral = value is not null && (At == start + 1 || (At == start + 2 && _tokens[start].Is("-"))) && _tokens[At - 1].IsNumber;
        if (value is null || Current is null || !Current.Is(close))
            return null;
        At++;
        return value;
    }

    /// <summary>An argument of \frac; of \frac12 each digit is one.</summary>
    private Expression? Digit()
    {
        if (Current is not { IsNumber: true } token || token.Text.Length == 1)
            return Argument();
        // \frac12 was read as one number: it is 1 over 2, and \frac123 is no fraction.
        if (token.Text.Length != 2 || !char.IsAsciiDigit(token.Text[0]) || !char.IsAsciiDigit(token.Text[1]) || !_tokens[At - 1].Is("frac"))
            return null;
        if (_halfRead)
        {
            _halfRead = false;
            At++;
            return Expression.Of(token.Text[1] - '0');
        }

        _halfRead = true;
        return Expression.Of(token.Text[0] - '0');
    }

    private bool _halfRead;

    private Expression? Number(AnswerToken token, out bool isLiteral)
    {
        isLiteral = true;
        At++;
        if (Current is { } next)
        {
            // 204_5 is a number of base 5: a name, not 204.
            if (next.Is("_"))
                return Subscript(token.Text);
            if (token.Value.IsInteger && Mixed() is { } fraction)
            {
                isLiteral = false;
                return Expression.Of(token.Value + fraction);
            }

            var at = At;
            var value = NumberWords.Continue(_tokens, ref at, token.Value);
            At = at;
            return Expression.Of(value);
        }

        return Expression.Of(token.Value);
    }

    /// <summary>The proper fraction behind a whole number: 1 1/2, 1\frac{1}{2}.</summary>
    private Rational? Mixed()
    {
        var rest = _tokens[At..];
        if (rest is [{ IsNumber: true, SpaceBefore: true, Value: var n }, { Text: "/" }, { IsNumber: true, Value: var d }, ..] && n.IsInteger && d.IsInteger && n < d)
        {
            At += 3;
            return n / d;
        }

        var (over, under, length) = rest switch
        {
            [{ Text: "frac" }, { Text: "{" }, { IsNumber: true } a, { Text: "}" }, { Text: "{" }, { IsNumber: true } b, { Text: "}" }, ..] => (a.Value, b.Value, 7),
            [{ Text: "frac" }, { IsNumber: true, Text: [>= '1' and <= '9' and var a, >= '1' and <= '9' and var b] }, ..] => (a - '0', b - '0', 2),
            _ => (Rational.Zero, Rational.Zero, 0),
        };
        if (length == 0 || over.Sign == 0 || over >= under || !over.IsInteger || !under.IsInteger)
            return null;
        At += length;
        return over / under;
    }

    private Expression? Root()
    {
        At++;
        var degree = 2;
        if (Current is { } open && open.Is("[") && At + 2 < _tokens.Length && _tokens[At + 1] is { IsNumber: true } index && _tokens[At + 2].Is("]"))
        {
            if (!index.Value.IsInteger || index.Value < 2 || index.Value > 100)
                return null;
            (degree, At) = ((int)index.Value.Numerator, At + 3);
        }

        return Argument()?.RealRoot(degree);
    }

    private Expression? Word(AnswerToken token)
    {
        if (token.Lower == "pi")
        {
            At++;
            return Expression.Named("π");
        }

        if (token.Lower == "sqrt")
            return Root();
        if (LatexCommands.Functions.Contains(token.Text) && _symbols)
            return Function(token.Text);
        var at = At;
        if (NumberWords.Read(_tokens, ref at) is { } number && (!_symbols || at > At))
        {
            At = at;
            return Expression.Of(number);
        }

        if (!IsSymbolWord(token))
            return null;
        At++;
        if (Current is { } next && next.Is("_"))
            return Subscript(token.Text);
        if (Current is { Kind: AnswerTokenKind.Symbol, Text: "(", SpaceBefore: false } && FunctionLetters.Contains(token.Text))
        {
            var before = At;
            if (Group(")") is { } argument)
                return Expression.Named($"{token.Text}({argument.Key})");
            At = before;
            return null;
        }

        return SymbolWords.Product(token.Text);
    }

    private Expression? Subscript(string name)
    {
        At++;
        if (Current is not { } index)
            return null;
        if (!index.Is("{"))
        {
            At++;
            return index.IsNumber || index.IsWord ? Expression.Named($"{name}_{index.Text}") : null;
        }

        var inner = "";
        for (At++; Current is { } token && !token.Is("}"); At++)
            inner += token.Text;
        At++;
        return Current is null && At > _tokens.Length ? null : Expression.Named($"{name}_{inner}");
    }

    /// <summary>sin x, sin^2 x, log_2(8), sin b cos a.</summary>
    private Expression? Function(string name)
    {
        At++;
        if (Current is { } below && below.Is("_"))
        {
            if (Subscript(name)?.LoneSymbol is not { } withBase)
                return null;
            name = withBase;
        }

        Expression? exponent = null;
        if (Current is { } mark && mark.Is("^"))
        {
            At++;
            exponent = Argument();
            if (exponent is null)
                return null;
        }

        Expression? argument;
        if (Current is { Kind: AnswerTokenKind.Symbol, Text: "(" or "{" } open)
            argument = Group(open.Text == "(" ? ")" : "}");
        else
        {
            argument = Power(out _);
            while (argument is not null && Current is { } next && BeginsFactor(next) && !LatexCommands.Functions.Contains(next.Text) && Power(out _) is { } factor)
                argument *= factor;
        }

        if (argument is null)
            return null;
        var value = name == "exp" ? Expression.Named("e").Power(argument) : Expression.Named($"{name}({argument.Key})");
        return exponent is null ? value : value.Power(exponent);
    }
}
