using TorchSharp;

namespace MiniMind;

/// <summary>The names a pickle may use, and what they do here: build tensors and ordered dictionaries, nothing else.</summary>
internal static class PickleGlobals
{
    private delegate object? Call(object?[] arguments);

    private static readonly Dictionary<string, torch.ScalarType> Storages = new(StringComparer.Ordinal)
    {
        ["torch.DoubleStorage"] = torch.ScalarType.Float64,
        ["torch.FloatStorage"] = torch.ScalarType.Float32,
        ["torch.HalfStorage"] = torch.ScalarType.Float16,
        ["torch.BFloat16Storage"] = torch.ScalarType.BFloat16,
        ["torch.LongStorage"] = torch.ScalarType.Int64,
        ["torch.IntStorage"] = torch.ScalarType.Int32,
        ["torch.ShortStorage"] = torch.ScalarType.Int16,
        ["torch.CharStorage"] = torch.ScalarType.Int8,
        ["torch.ByteStorage"] = torch.ScalarType.Byte,
        ["torch.BoolStorage"] = torch.ScalarType.Bool,
    };

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
        id is object?[] and ["storage", PickleGlobal type, string key, string, long count] && Storages.TryGetValue(type.Name, out var dtype) && count >= 0
            ? new PickledStorage(key, dtype, count)
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
