using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MiniMind;

/// <summary>Reads a split expression of a tokenizer file, which is written for Oniguruma, and tells whether .NET understands the same by it.</summary>
internal sealed class SplitExpression
{
    private const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

    // Oniguruma folds the long s to an s, .NET does not.
    private const string ContractionsSpelled = "(?:'[sS\u017f]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";

    private static readonly HashSet<string> Categories =
    [
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No",
        "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp",
    ];

    private readonly string _source;
    private readonly StringBuilder _translated = new();
    private readonly List<(char First, char Last)> _literals = [];
    private int _at;
    private int _open;
    private bool _atomIsGroup;

    private SplitExpression(string source)
    {
        _source = source;
        if (source.Any(char.IsSurrogate))
            throw new NotSupportedException("it names characters beyond U+FFFF");
        while (_at < source.Length)
            ReadOne();
        if (_open > 0)
            throw new NotSupportedException("a group is not closed");
    }

    /// <summary>The expression for .NET.</summary>
    public string Translated => _translated.ToString();

    /// <summary>Whether the expression names a character itself, alone or within a range.</summary>
    public bool Names(char character) => _literals.Exists(range => character >= range.First && character <= range.Last);

    /// <exception cref="NotSupportedException">The expression has something that .NET understands otherwise, or that is not known here; the message says
    /// what, as a clause.</exception>
    public static SplitExpression Read(string source) => new(source);

    private void ReadOne()
    {
        switch (_source[_at])
        {
            case '(':
                ReadGroup();
                break;
            case ')':
                if (--_open < 0)
                    throw new NotSupportedException("a group is closed that was not opened");
                Take(1);
                _atomIsGroup = true;
                break;
            case '|':
                Take(1);
                break;
            case '?' or '*' or '+' or '{':
                ReadQuantifier();
                break;
            case '[':
                ReadClass();
                _atomIsGroup = false;
                break;
            case '^' or '$' or '.':
                throw new NotSupportedException($"it has '{_source[_at]}'");
            default:
                if (ReadCharacter() is { } literal)
                    _literals.Add((literal, literal));
                _atomIsGroup = false;
                break;
        }
    }

    private void ReadGroup()
    {
        if (Rest.StartsWith(Contractions, StringComparison.Ordinal))
        {
            _at += Contractions.Length;
            _translated.Append(ContractionsSpelled);
            _atomIsGroup = true;
            return;
        }

        var isKnown = Rest.StartsWith("(?:", StringComparison.Ordinal) || Rest.StartsWith("(?!", StringComparison.Ordinal) || Rest.StartsWith("(?=", StringComparison.Ordinal);
        if (!isKnown && Rest.StartsWith("(?", StringComparison.Ordinal))
            throw new NotSupportedException($"it has the group '{Rest[..Math.Min(4, Rest.Length)]}'");
        _open++;
        Take(isKnown ? 3 : 1);
    }

    /// <summary>A repeated group could take exponential time; no published expression has one.</summary>
    private void ReadQuantifier()
    {
        var quantifier = Regex.Match(_source[_at..], @"^(?:[?*+]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})").Value;
        if (quantifier.Length == 0 || (_atomIsGroup && quantifier != "?"))
            throw new NotSupportedException($"it repeats a group, or has an incomplete '{_source[_at]}'");
        Take(quantifier.Length);
        if (_at < _source.Length && _source[_at] is '+' or '*' or '{')
            throw new NotSupportedException("it has a possessive or doubled quantifier");
        if (_at < _source.Length && _source[_at] == '?')
            Take(1);
    }

    private void ReadClass()
    {
        Take(1);
        if (_at < _source.Length && _source[_at] == '^')
            Take(1);
        var first = _at;
        char? before = null;
        while (_at < _source.Length && (_source[_at] != ']' || _at == first))
        {
            if (_source[_at] == '[' || Rest.StartsWith("&&", StringComparison.Ordinal))
                throw new NotSupportedException("it has a class within a class");
            if (_source[_at] == '-' && before is { } from && _at + 1 < _source.Length && _source[_at + 1] != ']')
            {
                Take(1);
                if (ReadCharacter() is not { } to)
                    throw new NotSupportedException("it has a range that ends in a class");
                _literals.Add((from, to));
                before = null;
                continue;
            }

            before = ReadCharacter();
            if (before is { } literal)
                _literals.Add((literal, literal));
        }

        if (_at == _source.Length)
            throw new NotSupportedException("a class is not closed");
        Take(1);
    }

    /// <returns>The character, or none for a class such as <c>\s</c>.</returns>
    private char? ReadCharacter()
    {
        if (_source[_at] != '\\')
            return Take(1);
        if (_at + 1 == _source.Length)
            throw new NotSupportedException(@"it ends with '\'");
        switch (_source[_at + 1])
        {
            case 's' or 'S':
                Take(2);
                return null;
            case 'p' or 'P':
                var match = Regex.Match(_source[(_at + 2)..], @"^\{([A-Za-z]+)\}");
                if (!match.Success || !Categories.Contains(match.Groups[1].Value))
                    throw new NotSupportedException($"it has the property '{Rest[..Math.Min(10, Rest.Length)]}'");
                Take(2 + match.Length);
                return null;
            case 'r':
                Take(2);
                return '\r';
            case 'n':
                Take(2);
                return '\n';
            case 't':
                Take(2);
                return '\t';
            case 'u' when _at + 6 <= _source.Length && ushort.TryParse(_source.AsSpan(_at + 2, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code)
                && !char.IsSurrogate((char)code):
                Take(6);
                return (char)code;
            case var c when !char.IsLetterOrDigit(c):
                Take(2);
                return c;
            default:
                throw new NotSupportedException($@"it has '\{_source[_at + 1]}'");
        }
    }

    private string Rest => _source[_at..];

    private char Take(int length)
    {
        _translated.Append(_source, _at, length);
        _at += length;
        return _source[_at - 1];
    }
}
