namespace MiniMind;

/// <summary>A restricted unpickler (Python's <c>pickle</c>, protocols 2 to 5): numbers, texts, lists, tuples, dictionaries, and the names of
/// <see cref="PickleGlobals"/>. Any other name is an error that gives it, before anything is called. Memory stays in proportion to the input.</summary>
/// <remarks>Values: <see langword="null"/>, bool, long, double, string, <c>List&lt;object?&gt;</c>, <c>object?[]</c> for tuples,
/// <c>Dictionary&lt;object, object?&gt;</c>, <see cref="PickledTensor"/>.</remarks>
internal ref struct Unpickler
{
    public const byte ProtocolOpcode = 0x80;
    public const int HighestProtocol = 5;

    // A byte of input makes a container of about a hundred bytes: a state dictionary has a few for each tensor.
    private const int MostContainers = 1_000_000;

    private static readonly object Mark = new();

    private readonly string _path;
    private readonly List<object?> _stack = [];
    private readonly Dictionary<int, object?> _memo = [];
    private PickleReader _reader;
    private int _containers;

    private Unpickler(string path, ReadOnlySpan<byte> bytes)
    {
        _path = path;
        _reader = new PickleReader(path, bytes);
    }

    /// <exception cref="WeightFileException">The pickle is damaged, or uses what is not allowed.</exception>
    public static object? Load(string path, ReadOnlySpan<byte> bytes) => new Unpickler(path, bytes).Run();

    private object? Run()
    {
        while (true)
        {
            var opcode = _reader.Byte();
            if (opcode == '.')
                return Pop();
            if (!(PushScalar(opcode) || PushContainer(opcode) || Remember(opcode) || Build(opcode)))
                throw _reader.Fault($"opcode 0x{opcode:x2} is not supported");
        }
    }

    private bool PushScalar(byte opcode)
    {
        switch ((char)opcode)
        {
            case 'N': Push(null); break;
            case '\x88': Push(true); break;
            case '\x89': Push(false); break;
            case 'K': Push((long)_reader.Byte()); break;
            case 'M': Push((long)_reader.UInt16()); break;
            case 'J': Push((long)_reader.Int32()); break;
            case '\x8a': Push(_reader.Long(_reader.Byte())); break;
            case 'G': Push(_reader.Double()); break;
            case '\x8c': Push(_reader.Text(_reader.Byte())); break;
            case 'X': Push(_reader.Text(_reader.Size(4))); break;
            case '\x8d': Push(_reader.Text(_reader.Size(8))); break;
            case 'c': PushGlobal(_reader.Line(), _reader.Line()); break;
            case '\x93':
                var name = Pop<string>();
                PushGlobal(Pop<string>(), name);
                break;
            default: return false;
        }

        return true;
    }

    private bool PushContainer(byte opcode)
    {
        switch ((char)opcode)
        {
            case '(': Push(Mark); break;
            case ')': Push(Array.Empty<object?>()); break;
            case ']': Push(new List<object?>()); break;
            case '}': Push(PickleKeys.NewDictionary()); break;
            case 't': Push(PopToMark()); break;
            case '\x85': Push(PopMany(1)); break;
            case '\x86': Push(PopMany(2)); break;
            case '\x87': Push(PopMany(3)); break;
            default: return false;
        }

        if (++_containers > MostContainers)
            throw _reader.Fault($"it has more than {MostContainers} containers");
        return true;
    }

    private bool Remember(byte opcode)
    {
        switch ((char)opcode)
        {
            case '\x80':
                if (_reader.Byte() is > HighestProtocol and var protocol)
                    throw _reader.Fault($"protocol {protocol} is not supported, expected at most {HighestProtocol}");
                break;
            case '\x95': _reader.Size(8); break;
            case 'q': Store(_reader.Byte()); break;
            case 'r': Store(_reader.Size(4)); break;
            case '\x94': Store(_memo.Count); break;
            case 'h': Push(Recall(_reader.Byte())); break;
            case 'j': Push(Recall(_reader.Size(4))); break;
            case '0': Pop(); break;
            default: return false;
        }

        return true;
    }

    private bool Build(byte opcode)
    {
        switch ((char)opcode)
        {
            case 'a':
                var item = Pop();
                Top<List<object?>>().Add(item);
                break;
            case 'e':
                var items = PopToMark();
                Top<List<object?>>().AddRange(items);
                break;
            case 's':
                SetItems(PopMany(2));
                break;
            case 'u':
                SetItems(PopToMark());
                break;
            case 'Q': Push(Checked(Pop(), PickleGlobals.Storage)); break;
            case 'R':
                var arguments = Pop<object?[]>();
                var global = Pop<PickleGlobal>();
                Push(Checked(arguments, a => PickleGlobals.Invoke(global.Name, a), $"{global.Name}: "));
                break;
            case 'b':
                // A state dictionary's _metadata attribute, which says nothing about tensors.
                Pop<Dictionary<object, object?>>();
                Top<Dictionary<object, object?>>();
                break;
            default: return false;
        }

        return true;
    }

    private void PushGlobal(string module, string name)
    {
        var full = $"{module}.{name}";
        if (!PickleGlobals.IsAllowed(full))
            throw new WeightFileException(
                _path, null, $"the pickle uses '{MessageText.Printable(full)}', expected tensors and ordered dictionaries only; nothing of it was run.");
        Push(new PickleGlobal(full));
    }

    private readonly void SetItems(object?[] pairs)
    {
        if (pairs.Length % 2 != 0)
            throw _reader.Fault("a dictionary's item has no value");
        var target = Top<Dictionary<object, object?>>();
        for (var i = 0; i < pairs.Length; i += 2)
        {
            if (pairs[i] is not (string or long or double or bool))
                throw _reader.Fault("a dictionary's key is neither text nor number");
            if (!target.TryAdd(pairs[i]!, pairs[i + 1]))
                throw _reader.Fault($"a dictionary has the key '{MessageText.Printable($"{pairs[i]}")}' twice");
        }
    }

    private readonly T Checked<TIn, T>(TIn input, Func<TIn, T> convert, string what = "")
    {
        try
        {
            return convert(input);
        }
        catch (FormatException e)
        {
            throw _reader.Fault(what + e.Message, e);
        }
    }

    private readonly void Push(object? value) => _stack.Add(value);

    private readonly object? Top() => _stack.Count > 0 ? _stack[^1] : throw _reader.Fault("its stack is empty");

    private readonly T Top<T>() => Top() is T value ? value : throw _reader.Fault($"{Shown(Top())} is where {typeof(T).Name} is expected");

    private readonly object? Pop()
    {
        var value = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private readonly T Pop<T>()
    {
        var value = Top<T>();
        Pop();
        return value;
    }

    private readonly object?[] PopMany(int count)
    {
        if (_stack.Count < count)
            throw _reader.Fault("its stack is empty");
        object?[] values = [.. _stack.GetRange(_stack.Count - count, count)];
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }

    private readonly object?[] PopToMark()
    {
        var mark = _stack.LastIndexOf(Mark);
        if (mark < 0)
            throw _reader.Fault("its stack has no mark");
        var values = PopMany(_stack.Count - mark - 1);
        _stack.RemoveAt(mark);
        return values;
    }

    /// <summary>Python numbers what it stores one by one. Numbers chosen at will could all fall into one place of the table.</summary>
    private readonly void Store(int index)
    {
        if (index > _reader.Length)
            throw _reader.Fault($"it stores something as number {index}, expected no more than it has bytes, {_reader.Length}");
        _memo[index] = Top();
    }

    private readonly object? Recall(int index) =>
        _memo.TryGetValue(index, out var value) ? value : throw _reader.Fault($"it recalls {index}, which it never stored");

    private static string Shown(object? value) => value is null ? "None" : ReferenceEquals(value, Mark) ? "a mark" : value.GetType().Name;
}
