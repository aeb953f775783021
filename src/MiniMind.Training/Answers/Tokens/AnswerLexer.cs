using System.Collections.Frozen;

namespace MiniMind.Training;

/// <summary>Cuts a folded answer, plain or LaTeX, into tokens; linear.</summary>
internal sealed class AnswerLexer
{
    private static readonly FrozenSet<string> Matrices = new[] { "pmatrix", "bmatrix", "matrix", "array", "smallmatrix" }.ToFrozenSet();

    private const int MaxChineseNumeral = 60;

    private readonly string _text;
    private readonly bool _decimalComma;
    private readonly bool _isLatex;
    private readonly List<AnswerToken> _tokens = [];
    private readonly Stack<string> _open = new();
    private int _at;
    private int _brackets;
    private bool _space;
    private bool _line;

    private AnswerLexer(string text, bool decimalComma)
    {
        (_text, _decimalComma) = (text, decimalComma);
        _isLatex = text.Contains('\\', StringComparison.Ordinal);
    }

    /// <summary>Cuts a text into tokens.</summary>
    /// <param name="folded">The text, folded.</param>
    /// <param name="decimalComma">Whether a single comma that cannot separate thousands is a decimal comma.</param>
    /// <returns>The tokens in order.</returns>
    public static AnswerToken[] Read(string folded, bool decimalComma = false)
    {
        var lexer = new AnswerLexer(SimplifySeparators(folded), decimalComma);
        while (lexer._at < lexer._text.Length)
            lexer.ReadOne();
        return [.. lexer._tokens];
    }

    /// <summary>{,} and \, between digits separate thousands; \! is nothing.</summary>
    private static string SimplifySeparators(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal) && !text.Contains('{', StringComparison.Ordinal))
            return text;
        text = text.Replace(@"\!", "", StringComparison.Ordinal);
        foreach (var thousands in (string[])["{,}", "{, }", "{ ,}"])
            text = text.Replace(" " + thousands, thousands, StringComparison.Ordinal).Replace(thousands, NumberScanner.GroupMark.ToString(), StringComparison.Ordinal);
        foreach (var space in (string[])[@"\,", @"\;", @"\:", @"\>"])
            text = text.Replace(space, " ", StringComparison.Ordinal);
        return text;
    }

    private void ReadOne()
    {
        var c = _text[_at];
        if (char.IsWhiteSpace(c) || (c == '~' && _isLatex))
        {
            _space = true;
            _line |= c == '\n';
            _at++;
        }
        else if (char.IsAsciiDigit(c) || (c == '.' && Peek(1) is >= '0' and <= '9'))
            ReadNumber();
        else if (c == '\\')
            ReadCommand();
        else if (c == '第' && ChineseNumeral.Scan(_text, _at + 1, null, out var end, out _) is { } ordinal)
            Add(AnswerTokenKind.Ordinal, ordinal + "th", end, ordinal);
        else if (IsChineseNumber(c))
            ReadChinese(null, _at);
        else if (c == '负' && _at + 1 < _text.Length && (char.IsAsciiDigit(_text[_at + 1]) || IsChineseNumber(_text[_at + 1])))
            Add(AnswerTokenKind.Symbol, "-", _at + 1);
        else if (char.IsLetter(c) && c is not 'π')
            ReadWord();
        else
            ReadSymbol(c);
    }

    private static bool IsChineseNumber(char c) => ChineseNumeral.IsNumeral(c);

    private char Peek(int ahead) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    private void ReadNumber()
    {
        var start = _at;
        if (NumberScanner.Scan(_text, start, _brackets > 0, _decimalComma, out var end) is not { } value)
        {
            while (end < _text.Length && (char.IsAsciiLetterOrDigit(_text[end]) || (_text[end] == '.' && end + 1 < _text.Length && char.IsAsciiDigit(_text[end + 1]))))
                end++;
            Add(AnswerTokenKind.Unread, _text[start..end], end);
            return;
        }

        var point = _text.IndexOf('.', start, Math.Min(end + 1, _text.Length) - start);
        if (point >= 0 && RepeatingPart(end, out var repeating, out var behind))
        {
            // 0.1(6) is 0.1 + 6 / (9 · 10).
            var places = Math.Max(end - 1 - point, 0);
            value += NumberScanner.Value(repeating, "", -places) / (new Rational(10, 1).Power(repeating.Length) - 1);
            Add(AnswerTokenKind.Number, _text[start..behind], behind, value);
            return;
        }

        if (end < _text.Length && IsChineseNumber(_text[end]) && _text[end] != '半')
            ReadChinese(value, end);
        else if (Suffix(end) is "st" or "nd" or "rd" or "th")
            Add(AnswerTokenKind.Ordinal, value + "th", end + 2, value);
        else
            Add(AnswerTokenKind.Number, _text[start..end], end, value);
    }

    private string Suffix(int at) =>
        at + 1 < _text.Length && (at + 2 >= _text.Length || !char.IsLetterOrDigit(_text[at + 2])) ? _text[at..(at + 2)].ToLowerInvariant() : "";

    private bool RepeatingPart(int at, out string digits, out int end)
    {
        (digits, end) = ("", at);
        foreach (var command in (string[])[@"\overline{", @"\bar{", @".\overline{", @".\bar{"])
        {
            if (!_text.AsSpan(at).StartsWith(command, StringComparison.Ordinal))
                continue;
            var from = at + command.Length;
            var to = from;
            while (to < _text.Length && char.IsAsciiDigit(_text[to]))
                to++;
            if (to == from || to - from > 100 || to >= _text.Length || _text[to] != '}')
                return false;
            (digits, end) = (_text[from..to], to + 1);
            return true;
        }

        return false;
    }

    private void ReadChinese(Rational? leading, int at)
    {
        var start = _at;
        var run = at;
        while (run < _text.Length && ChineseNumeral.IsNumeral(_text[run]))
            run++;
        if (run - at > MaxChineseNumeral)
            Add(AnswerTokenKind.Unread, _text[start..run], run);
        else if (ChineseNumeral.Scan(_text, at, leading, out var end, out var isPercent) is { } value && end > start)
        {
            Add(AnswerTokenKind.Number, _text[start..end], end, value);
            if (isPercent)
                Add(AnswerTokenKind.Symbol, "%", end);
        }
        else if (leading is { } number)
            Add(AnswerTokenKind.Number, _text[start..at], at, number);
        else
            ReadWord();
    }

    private void ReadWord()
    {
        var end = _at + 1;
        var isChinese = _text[_at] >= '\u2E80';
        // Apostrophes and combining marks belong to a word; Chinese is cut where a numeral begins.
        while (end < _text.Length && (IsWordPart(end) && (_text[end] >= '\u2E80') == isChinese) && !(isChinese && ChineseNumeral.IsNumeral(_text[end])))
            end++;
        Add(AnswerTokenKind.Word, _text[_at..end], end);
    }

    private bool IsWordPart(int at) => char.IsLetter(_text[at]) && _text[at] != 'π' || char.IsSurrogate(_text[at])
        || char.GetUnicodeCategory(_text[at]) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark
        || (_text[at] == '\'' && at + 1 < _text.Length && char.IsLetter(_text[at + 1]));

    private void ReadCommand()
    {
        var end = _at + 1;
        while (end < _text.Length && char.IsAsciiLetter(_text[end]))
            end++;
        if (end == _at + 1)
            end = Math.Min(end + 1, _text.Length);
        var name = _text[(_at + 1)..end];
        if (name is "begin" or "end")
            ReadEnvironment(name, end);
        else if (name.Length == 0 || LatexCommands.Space.Contains(name) || name is " " or "(" or ")" or "[" or "]" or "-" or "/" or "#")
            Skip(end);
        else if (LatexCommands.Wrappers.Contains(name))
        {
            Skip(end);
            while (Peek(0) == ' ')
                _at++;
            if (Peek(0) != '{')
                return;
            _open.Push("text");
            _at++;
        }
        else if (name == "overrightarrow" || name == "vec" || name == "hat")
            Add(AnswerTokenKind.Unread, "\\" + name, end);
        else if (LatexCommands.Symbol(name) is { } symbol)
            AddSymbol(symbol, end);
        else if (LatexCommands.Functions.Contains(name) || LatexCommands.Greek.Contains(name))
            Add(AnswerTokenKind.Word, name, end);
        else
            Add(AnswerTokenKind.Unread, "\\" + name, end);
    }

    private void Skip(int end)
    {
        _at = end;
        _space = true;
    }

    private void ReadEnvironment(string command, int end)
    {
        var close = end < _text.Length && _text[end] == '{' ? _text.IndexOf('}', end, Math.Min(24, _text.Length - end)) : -1;
        var name = close < 0 ? "" : _text[(end + 1)..close].TrimEnd('*');
        if (!Matrices.Contains(name))
        {
            if (name is "align" or "aligned" or "equation" or "gather" or "gathered")
                Skip(close + 1);
            else
                Add(AnswerTokenKind.Unread, "\\" + command, close < 0 ? end : close + 1);
            return;
        }

        Add(AnswerTokenKind.Symbol, command == "begin" ? "⟦" : "⟧", close + 1);
        // \begin{array}{cc}: the columns' alignment.
        if (command == "begin" && name == "array" && Peek(0) == '{' && _text.IndexOf('}', _at, Math.Min(40, _text.Length - _at)) is > 0 and var columns)
            _at = columns + 1;
    }

    private void ReadSymbol(char c)
    {
        var two = _at + 1 < _text.Length ? _text.AsSpan(_at, 2) : [];
        var symbol = two switch
        {
            "<=" => "≤",
            ">=" => "≥",
            "!=" or "/=" or "<>" => "≠",
            "==" => "=",
            "**" when Peek(2) is >= '0' and <= '9' or '(' or '-' && _tokens.Count > 0 && !_space => "^",
            "->" or "=>" => "→",
            "+-" => "±",
            "~=" => "≈",
            _ => null,
        };
        if (symbol is not null)
            AddSymbol(symbol, _at + 2);
        else if (two is "**" or "__")
            Skip(_at + 2);
        else if (c == '\u2014')
            // A long dash before a number is a minus only where nothing stands before it.
            AddSymbol(_tokens.Count == 0 && char.IsAsciiDigit(Peek(1)) ? "-" : "—", _at + 1);
        else if (c == '{' && !_isLatex && (_tokens.Count == 0 || !(_tokens[^1].Is("^") || _tokens[^1].Is("_"))))
            AddSymbol("\\{", _at + 1);
        else if (c == '}' && _open.Count > 0)
            CloseBrace();
        else
            AddSymbol(c.ToString(), _at + 1);
    }

    private void CloseBrace()
    {
        if (_open.Peek() == "text")
        {
            _open.Pop();
            Skip(_at + 1);
        }
        else
            AddSymbol(_open.Peek() == "\\{" && !_isLatex ? "\\}" : "}", _at + 1);
    }

    private void AddSymbol(string symbol, int end)
    {
        switch (symbol)
        {
            case "(" or "[" or "{" or "\\{":
                _open.Push(symbol);
                _brackets += symbol == "{" ? 0 : 1;
                break;
            case ")" or "]" or "}" or "\\}" when _open.Count > 0:
                _brackets -= _open.Pop() is "{" or "text" ? 0 : 1;
                break;
            case "°" when _tokens.Count > 0 && _tokens[^1].Is("^"):
                _tokens.RemoveAt(_tokens.Count - 1);
                break;
        }

        if (symbol is "and" or "or")
            Add(AnswerTokenKind.Word, symbol, end);
        else
            Add(AnswerTokenKind.Symbol, symbol, end);
        // ^{\circ} has braces that hold nothing else.
        if (symbol == "°" && Peek(0) == '}' && _tokens.Count > 2 && _tokens[^2].Is("{") && _tokens[^3].Is("^"))
        {
            _tokens.RemoveRange(_tokens.Count - 3, 2);
            _open.Pop();
            _at++;
        }
    }

    private void Add(AnswerTokenKind kind, string text, int end, Rational value = default)
    {
        _tokens.Add(new AnswerToken(kind, text, value, _space, _at) { LineBefore = _line });
        (_at, _space, _line) = (end, false, false);
    }
}
