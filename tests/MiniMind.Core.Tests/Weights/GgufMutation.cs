using System.Buffers.Binary;

namespace MiniMind.Tests;

/// <summary>GGUF files with a number, a count, a length or a letter of their head changed.</summary>
internal static class GgufMutation
{
    private static readonly long[] Numbers = [0, 1, -1, 2, 7, 8, 31, 255, 256, 65535, int.MaxValue, uint.MaxValue, long.MaxValue, long.MinValue, 1L << 40];

    public static byte[] Of(byte[] valid, Random random)
    {
        var bytes = valid.ToArray();
        // The head ends before the data of these small models, which is most of the file.
        var head = bytes.AsSpan().LastIndexOf("output_norm.weight"u8) + 60;
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(4, head - 8);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), Numbers[random.Next(Numbers.Length)]);
                    break;
                case 2:
                    BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), (int)Numbers[random.Next(Numbers.Length)]);
                    break;
                default:
                    bytes[Key(bytes, random) + random.Next(-8, 24)] = (byte)random.Next(40);
                    break;
            }
        }

        return random.Next(8) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    /// <summary>Behind one of the keys that a configuration is made of.</summary>
    private static int Key(byte[] bytes, Random random)
    {
        string[] keys = ["block_count", "embedding_length", "head_count", "feed_forward_length", "context_length", "key_length", "freq_base", "expert_count", "blk.0.attn_q.weight"];
        var key = System.Text.Encoding.ASCII.GetBytes(keys[random.Next(keys.Length)]);
        var at = bytes.AsSpan().IndexOf(key);
        return at < 0 ? 40 : at + key.Length;
    }
}
