using System.Text;

namespace MiniMind.Training;

/// <summary>Finds tags in the text of ids, so that one whose first or last letters became a token together with their neighbours is found, too.</summary>
/// <param name="tokenizer">Knows the text of ids.</param>
/// <param name="tags">The tags' texts.</param>
internal sealed class TagFinder(MiniMindTokenizer tokenizer, IEnumerable<string> tags)
{
    private readonly byte[][] _tags = [.. tags.Select(Encoding.UTF8.GetBytes).OrderByDescending(t => t.Length)];

    /// <summary>Finds the tags whose text is supervised as a whole.</summary>
    /// <param name="labels">Token ids.</param>
    /// <param name="mask">1 where an id is supervised.</param>
    /// <returns>The tokens that hold a part of a tag, one range for each tag, ascending; two tags may share a token.</returns>
    public List<(int Start, int Length)> Find(ReadOnlySpan<long> labels, ReadOnlySpan<byte> mask)
    {
        var found = new List<(int Start, int Length)>();
        List<byte> text = [];
        List<int> tokens = [];
        for (var t = 0; t < labels.Length; t++)
        {
            if (mask[t] == 0)
                continue;
            var bytes = tokenizer.TextOf(labels[t]);
            text.AddRange(bytes);
            for (var i = 0; i < bytes.Length; i++)
                tokens.Add(t);
            if (t + 1 == labels.Length || mask[t + 1] == 0)
            {
                FindIn([.. text], tokens, found);
                text.Clear();
                tokens.Clear();
            }
        }

        return found;
    }

    private void FindIn(ReadOnlySpan<byte> text, List<int> tokens, List<(int Start, int Length)> found)
    {
        for (var at = 0; at < text.Length;)
        {
            var length = LengthAt(text[at..]);
            if (length > 0)
                found.Add((tokens[at], tokens[at + length - 1] - tokens[at] + 1));
            at += Math.Max(1, length);
        }
    }

    private int LengthAt(ReadOnlySpan<byte> text)
    {
        foreach (var tag in _tags)
            if (text.StartsWith(tag))
                return tag.Length;
        return 0;
    }
}
