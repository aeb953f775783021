namespace MiniMind.Training;

/// <summary>Orders names by their letters, and the numbers in them by their values: part-2 before part-10.</summary>
internal sealed class ShardOrder : IComparer<string>
{
    public static ShardOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var a = x.AsSpan();
        var b = y.AsSpan();
        while (!a.IsEmpty && !b.IsEmpty)
        {
            var areNumbers = char.IsAsciiDigit(a[0]) && char.IsAsciiDigit(b[0]);
            var order = areNumbers ? CompareNumbers(TakeNumber(ref a), TakeNumber(ref b)) : a[0].CompareTo(b[0]);
            if (order != 0)
                return order;
            if (areNumbers)
                continue;
            a = a[1..];
            b = b[1..];
        }

        var rest = a.Length.CompareTo(b.Length);
        return rest != 0 ? rest : string.CompareOrdinal(x, y);
    }

    private static ReadOnlySpan<char> TakeNumber(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        var number = end < 0 ? text : text[..end];
        text = text[number.Length..];
        return number.TrimStart('0');
    }

    private static int CompareNumbers(ReadOnlySpan<char> x, ReadOnlySpan<char> y) =>
        x.Length != y.Length ? x.Length.CompareTo(y.Length) : x.SequenceCompareTo(y);
}
