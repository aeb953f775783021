using System.Buffers;

namespace MiniMind.Training;

/// <summary>Cuts one JSON array into its elements. Only what separates elements is judged here; whoever takes an element reads it as JSON.</summary>
internal sealed class ArrayScanner(int maxElementBytes, string? name) : RowScanner(maxElementBytes)
{
    private static readonly SearchValues<byte> Space = SearchValues.Create(" \t\r\n"u8);
    private static readonly SearchValues<byte> Marks = SearchValues.Create("\"[]{}"u8);
    private static readonly SearchValues<byte> ScalarEnds = SearchValues.Create(" \t\r\n,]"u8);
    private static readonly SearchValues<byte> TextMarks = SearchValues.Create("\"\\"u8);

    private long _number;
    private State _state;
    private int _depth;
    private bool _isInText;
    private int _escaped;

    /// <summary>The byte order mark, which may not have been read as a whole.</summary>
    private static ReadOnlySpan<byte> Mark => "\uFEFF"u8;

    private enum State
    {
        Opening,
        FirstElement,
        Element,
        Separator,
        Behind,
    }

    public override bool Ended => Finished && Rest.IsEmpty && Discarded == 0 && _state == State.Behind;

    public override bool TryTake(out TextLine line)
    {
        line = default;
        while (_state != State.Element || Searched == 0 && Discarded == 0)
        {
            SkipSpace();
            if (Rest.IsEmpty)
                return Finished && _state != State.Behind ? throw CutOff() : false;
            if (_state == State.Element)
                break;
            if (_state == State.Opening && Rest.Length < Mark.Length && !Finished && Mark.StartsWith(Rest.Span))
                return false;
            Pass(Rest.Span[0]);
        }

        if (EndOfElement() is not { } end)
        {
            Searched = Rest.Length;
            if (Finished)
                throw CutOff();
            if (Rest.Length + Discarded > MaxRowBytes)
                Discard(Rest.Length);
            return false;
        }

        var length = end + Discarded;
        line = new TextLine(++_number, Offset, length, length > MaxRowBytes ? default : Rest[..end]);
        Advance(end);
        _state = State.Separator;
        return true;
    }

    /// <summary>Takes a byte between elements.</summary>
    private void Pass(byte mark)
    {
        (_state, var taken) = (_state, (char)mark) switch
        {
            (State.Opening, '[') => (State.FirstElement, 1),
            (State.FirstElement or State.Separator, ']') => (State.Behind, 1),
            (State.FirstElement, _) => (State.Element, 0),
            (State.Separator, ',') => (State.Element, 1),
            (State.Separator, _) => throw Fault($"behind the element stands {Shown(mark)}; expected a comma or the end of the array", _number),
            _ => throw Fault($"behind the array stands {Shown(mark)}; expected the end of the file (a file is one JSON array, or one JSON object in each line)", null),
        };
        Advance(taken);
    }

    /// <summary>How many bytes of the rest belong to the element; none if its end is not there yet.</summary>
    private int? EndOfElement()
    {
        var rest = Rest.Span;
        if (Searched == 0 && Discarded == 0 && rest[0] is (byte)',' or (byte)']')
            throw Fault("nothing stands where an element is expected; expected an object", _number + 1);
        var isScalar = _depth == 0 && !_isInText && (Searched > 0 || Discarded > 0 || rest[0] is not ((byte)'{' or (byte)'[' or (byte)'"'));
        if (isScalar)
            return rest[Searched..].IndexOfAny(ScalarEnds) is >= 0 and var stop ? Searched + stop : null;
        var at = Searched + _escaped;
        _escaped = 0;
        while (at < rest.Length)
        {
            var found = rest[at..].IndexOfAny(_isInText ? TextMarks : Marks);
            if (found < 0)
                return null;
            at += found;
            if (rest[at] == '\\')
            {
                // The escaped byte may not have been read yet.
                _escaped = Math.Max(0, at + 2 - rest.Length);
                at += 2;
                continue;
            }

            if (rest[at] == '"')
                _isInText = !_isInText;
            else
                _depth += rest[at] is (byte)'{' or (byte)'[' ? 1 : -1;
            at++;
            if (_depth == 0 && !_isInText)
                return at;
        }

        return null;
    }

    private void SkipSpace()
    {
        if (_state == State.Opening && Offset == 0 && Rest.Span.StartsWith(Mark))
            Advance(Mark.Length);
        var space = Rest.Span.IndexOfAnyExcept(Space);
        Advance(space < 0 ? Rest.Length : space);
    }

    private DatasetException CutOff() => Fault(
        _number == 0 ? "the array does not end; expected a closing bracket (the file may be cut off)" : "the array does not end behind the element; expected a closing bracket (the file may be cut off)",
        _number == 0 ? null : _number);

    private DatasetException Fault(string problem, long? number) => new(problem, new RowPlace(name, number, IsElement: true));

    private static string Shown(byte mark) => mark is > 0x20 and < 0x7F ? $"'{(char)mark}'" : FormattableString.Invariant($"the byte 0x{mark:X2}");
}
