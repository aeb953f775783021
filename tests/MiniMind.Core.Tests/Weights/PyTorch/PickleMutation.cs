using System.IO.Compression;
using System.Text;

namespace MiniMind.Tests;

/// <summary>A state dictionary's pickle as a list of operations, changed as such: lost, repeated, exchanged, and others of the language put in.</summary>
internal static class PickleMutation
{
    private static readonly byte[][] Others =
    [
        [(byte)'N'], [0x88], [(byte)'('], [(byte)')'], [(byte)']'], [(byte)'}'], [(byte)'t'], [0x85], [0x86], [0x87], [0x94], [(byte)'0'], [(byte)'a'], [(byte)'e'],
        [(byte)'s'], [(byte)'u'], [(byte)'Q'], [(byte)'R'], [(byte)'b'], [(byte)'.'], [0x93], [0x81], [(byte)'h', 0], [(byte)'h', 1], [(byte)'q', 1],
        [0x8a, 8, 255, 255, 255, 255, 255, 255, 255, 127], [0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1], [0x8a, 0], [(byte)'G', 0x7f, 0xf8, 0, 0, 0, 0, 0, 0],
        [(byte)'J', 255, 255, 255, 255], [(byte)'J', 255, 255, 255, 127], [(byte)'X', 255, 255, 255, 255], [(byte)'X', 255, 255, 255, 127],
        [0x8d, 255, 255, 255, 255, 255, 255, 255, 255], [(byte)'r', 255, 255, 255, 127], [(byte)'j', 255, 255, 255, 127], [0x95, 255, 255, 255, 255, 255, 255, 255, 127],
        [0x80, 9], Global("os", "system"), Global("builtins", "eval"), Global("torch", "HalfStorage"), Global("torch", "BoolStorage"), Global("torch", "DoubleStorage"),
        Global("torch", "Size"), Global("torch._utils", "_rebuild_parameter"), Global("collections", "OrderedDict"), Text("storage"), Text("0"), Text("../../x"), Text("model"), Text(""),
    ];

    private static readonly byte[][] Valid =
        [[0x80, 2], [(byte)'}'], [(byte)'q', 0], [(byte)'('], .. Tensor("a", "0", 3, 4), .. Tensor("b", "1", 2, 2), [(byte)'u'], [(byte)'.']];

    public static byte[] Next(Random random)
    {
        var operations = Valid.ToList();
        for (var edits = random.Next(1, 4); edits > 0 && operations.Count > 0; edits--)
        {
            var (at, other) = (random.Next(operations.Count), random.Next(operations.Count));
            switch (random.Next(7))
            {
                case 0: operations.RemoveAt(at); break;
                case 1: operations.Insert(at, operations[other]); break;
                case 2: operations[at] = Others[random.Next(Others.Length)]; break;
                case 3: operations.Insert(at, Others[random.Next(Others.Length)]); break;
                case 4: (operations[at], operations[other]) = (operations[other], operations[at]); break;
                case 5:
                    operations[at] = [.. operations[at]];
                    operations[at][random.Next(operations[at].Length)] = (byte)random.Next(256);
                    break;
                default: operations.InsertRange(at, operations.GetRange(at, Math.Min(random.Next(1, 12), operations.Count - at))); break;
            }
        }

        return [.. operations.SelectMany(o => o)];
    }

    /// <summary>An archive of the pickle and the storages that it names.</summary>
    public static byte[] Archive(byte[] pickle)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, data) in (ReadOnlySpan<(string, byte[])>)[("archive/data.pkl", pickle), ("archive/data/0", new byte[48]), ("archive/data/1", new byte[16])])
            {
                using var entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(data);
            }

        return bytes.ToArray();
    }

    public static byte[] Text(string text) => [(byte)'X', .. BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    public static byte[] Global(string module, string name) => [(byte)'c', .. Encoding.ASCII.GetBytes($"{module}\n{name}\n")];

    /// <summary>A name and a tensor of a storage.</summary>
    public static IEnumerable<byte[]> Tensor(string name, string key, byte rows, byte columns) =>
    [
        Text(name), Global("torch._utils", "_rebuild_tensor_v2"), [(byte)'('], [(byte)'('], Text("storage"), Global("torch", "FloatStorage"), Text(key), Text("cpu"),
        [(byte)'K', (byte)(rows * columns)], [(byte)'t'], [(byte)'Q'], [(byte)'K', 0], [(byte)'K', rows], [(byte)'K', columns], [0x86], [(byte)'K', columns], [(byte)'K', 1], [0x86],
        [0x89], Global("collections", "OrderedDict"), [(byte)')'], [(byte)'R'], [(byte)'t'], [(byte)'R'],
    ];
}
