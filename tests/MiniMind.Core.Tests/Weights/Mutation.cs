using System.Buffers.Binary;

namespace MiniMind.Tests;

/// <summary>Damages bytes in the ways that matter to parsers: flipped and extreme values, pieces lost, moved and repeated.</summary>
internal static class Mutation
{
    private static readonly ulong[] Extremes =
        [0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, ulong.MaxValue];

    private static readonly string[] Texts = ["\"", "{", "}", "[", "]", ",", ":", "9", "-", "e9", "null", "true", "\\ud800", "99999999999", "../", "\n", "c", "R"];

    public static byte[] Of(byte[] valid, Random random)
    {
        var bytes = valid.ToList();
        for (var edits = random.Next(1, 5); edits > 0 && bytes.Count > 0; edits--)
        {
            var at = random.Next(3) == 0 ? Math.Max(0, bytes.Count - 1 - random.Next(Math.Min(bytes.Count, 400))) : random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(8))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: Overwrite(bytes, at, Number(random)); break;
                case 3: bytes.RemoveRange(at, length); break;
                case 4: bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length + 1), length)); break;
                case 5: Overwrite(bytes, at, [.. bytes.GetRange(random.Next(bytes.Count - length + 1), length)]); break;
                case 6: bytes.InsertRange(at, System.Text.Encoding.UTF8.GetBytes(Texts[random.Next(Texts.Length)])); break;
                default:
                    if (random.Next(8) == 0)
                        bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[] Number(Random random)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Extremes[random.Next(Extremes.Length)]);
        return bytes[..(1 << random.Next(4))];
    }

    private static void Overwrite(List<byte> bytes, int at, byte[] values)
    {
        for (var i = 0; i < values.Length && at + i < bytes.Count; i++)
            bytes[at + i] = values[i];
    }
}
