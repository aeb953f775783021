using System.Security.Cryptography;
using System.Text;

namespace MiniMind;

/// <summary>A Jinja text in a form in which two that differ by white space that is never rendered are the same.</summary>
/// <remarks>White space is what Hugging Face's library makes of it: a dash at a tag strips it, the line break behind a block goes (<c>trim_blocks</c>), and so
/// does the indentation before one (<c>lstrip_blocks</c>). Comments go; inside tags, white space outside of literals is one space.</remarks>
internal static class JinjaText
{
    /// <summary>SHA-256 of the normal form, in lower-case hexadecimal.</summary>
    public static string Fingerprint(string jinja) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Normalize(jinja))));

    /// <summary>The normal form. A tag that never ends stays as it is.</summary>
    public static string Normalize(string jinja)
    {
        var rest = jinja.ReplaceLineEndings("\n").AsSpan();
        if (rest.EndsWith("\n"))
            rest = rest[..^1];
        var normal = new StringBuilder();
        var (isTrimmed, isBehindBlock) = (false, false);
        while (true)
        {
            var at = TagStart(rest);
            var end = at < 0 ? -1 : TagEnd(rest, at);
            var text = end < 0 ? rest : rest[..at];
            var isFirst = normal.Length == 0;
            if (isTrimmed)
                text = text.TrimStart();
            else if (isBehindBlock && text.StartsWith("\n"))
            {
                text = text[1..];
                isFirst = true;
            }

            if (end < 0)
                return normal.Append(text).ToString();
            var tag = rest[(at + 2)..(end - 2)];
            var kind = rest[at + 1];
            if (tag.StartsWith("-"))
            {
                text = text.TrimEnd();
                tag = tag[1..];
            }
            else if (kind != '{')
                text = WithoutIndentation(text, isFirst);
            normal.Append(text);
            isTrimmed = tag.EndsWith("-");
            isBehindBlock = kind != '{';
            if (kind != '#')
                Append(normal, kind, isTrimmed ? tag[..^1] : tag);
            rest = rest[end..];
        }
    }

    private static ReadOnlySpan<char> WithoutIndentation(ReadOnlySpan<char> text, bool isFirst)
    {
        var trimmed = text.TrimEnd(" \t");
        return trimmed.EndsWith("\n") || (trimmed.IsEmpty && isFirst) ? trimmed : text;
    }

    private static int TagStart(ReadOnlySpan<char> text)
    {
        for (var i = 0; i + 1 < text.Length; i++)
            if (text[i] == '{' && (text[i + 1] is '{' or '%' or '#'))
                return i;
        return -1;
    }

    /// <summary>Where the tag is over, or -1.</summary>
    private static int TagEnd(ReadOnlySpan<char> text, int start)
    {
        var kind = text[start + 1];
        var close = kind == '{' ? '}' : kind;
        var quote = '\0';
        for (var i = start + 2; i + 1 < text.Length; i++)
            if (quote != '\0')
            {
                if (text[i] == '\\')
                    i++;
                else if (text[i] == quote)
                    quote = '\0';
            }
            else if (kind != '#' && (text[i] is '\'' or '"'))
                quote = text[i];
            else if (text[i] == close && text[i + 1] == '}')
                return i + 2;
        return -1;
    }

    private static void Append(StringBuilder normal, char kind, ReadOnlySpan<char> tag)
    {
        normal.Append('{').Append(kind);
        var (quote, isSpace) = ('\0', false);
        tag = tag.Trim();
        for (var i = 0; i < tag.Length; i++)
        {
            var c = tag[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                isSpace = true;
                continue;
            }

            if (isSpace)
                normal.Append(' ');
            isSpace = false;
            if (quote == '\0' && (c is '\'' or '"'))
                quote = c;
            else if (quote != '\0' && c == '\\' && i + 1 < tag.Length)
                normal.Append(tag[i++]);
            else if (c == quote)
                quote = '\0';
            // A literal may hold a line break as it is.
            normal.Append(tag[i] == '\n' ? "\\n" : tag[i].ToString());
        }

        normal.Append(kind == '{' ? '}' : kind).Append('}');
    }
}
