namespace MiniMind;

/// <summary>The names a pickle may use, and what they do here: build tensors and ordered dictionaries, nothing else.</summary>
internal static class PickleGlobals
{
    private delegate object? Call(object?[] arguments);

    private static readonly Dictionary<string, ElementType> Storages = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["torch.DoubleStorage"] = "F64",
        ["torch.FloatStorage"] = "F32",
        ["torch.HalfStorage"] = "F16",
        ["torch.BFloat16Storage"] = "BF16",
        ["torch.LongStorage"] = "I64",
        ["torch.IntStorage"] = "I32",
        ["torch.ShortStorage"] = "I16",
        ["torch.CharStorage"] = "I8",
        ["torch.ByteStorage"] = "U8",
        ["torch.BoolStorage"] = "BOOL",
        ["torch.ComplexFloatStorage"] = "C64",
        ["torch.ComplexDoubleStorage"] = "C128",
    }.ToDictionary(storage => storage.Key, storage => ElementType.Find(storage.Value)!, StringComparer.Ordinal);

    private static readonly Dictionary<string, Call> Functions = new(StringComparer.Ordinal)
    {
        ["collections.OrderedDict"] = arguments => arguments.Length == 0 ? PickleKeys.NewDictionary() : throw Wrong("no arguments"),
        ["torch.Size"] = arguments => arguments is [object?[] sizes] ? sizes : throw Wrong("a tuple"),
        ["torch._utils._rebuild_tensor_v2"] = RebuildTensor,
        ["torch._utils._rebuild_parameter"] = arguments =>
            arguments is [PickledTensor tensor, bool, ..] ? tensor : throw Wrong("a tensor, whether it needs a gradient, and hooks"),
    };

    public static bool IsAllowed(string name) => Functions.ContainsKey(name) || Storages.ContainsKey(name);

    /// <exception cref="FormatException">The name cannot be called so.</exception>
    public static object? Invoke(string name, object?[] arguments) =>
        Functions.TryGetValue(name, out var call) ? call(arguments) : throw Wrong("no call");

    /// <summary>The storage that a persistent id <c>("storage", type, key, device, count)</c> means.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static PickledStorage Storage(object? id) =>
        id is object?[] and ["storage", PickleGlobal type, string key, string, long count] && Storages.TryGetValue(type.Name, out var elements) && count >= 0
            ? new PickledStorage(key, elements, count)
            : throw new FormatException("a persistent id is not (\"storage\", type, key, device, count)");

    private static PickledTensor RebuildTensor(object?[] arguments)
    {
        // The lengths first: a pickle may hand one long tuple to a call for every tensor.
        if (arguments is not [PickledStorage storage, long offset, object?[] { Length: <= PickledTensor.MostDimensions } sizes, object?[] { Length: <= PickledTensor.MostDimensions } steps, bool, ..]
            || !sizes.All(s => s is long) || !steps.All(s => s is long))
            throw Wrong($"a storage, an offset, sizes and strides of at most {PickledTensor.MostDimensions} dimensions, and flags");
        var (shape, strides) = (sizes.Cast<long>().ToArray(), steps.Cast<long>().ToArray());
        return PickledTensor.Fault(storage, offset, shape, strides) is { } fault
            ? throw new FormatException($"a tensor of storage '{storage.Key}' is wrong: {fault}")
            : new PickledTensor(storage, offset, shape, strides);
    }

    private static FormatException Wrong(string expected) => new($"its arguments are not those expected ({expected})");
}
