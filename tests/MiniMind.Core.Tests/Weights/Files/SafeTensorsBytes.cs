using System.Buffers.Binary;
using System.Text;

namespace MiniMind.Tests;

/// <summary>Safetensors files by hand.</summary>
internal static class SafeTensorsBytes
{
    public static byte[] Create(string header, int dataLength) => Create(header, new byte[dataLength]);

    public static byte[] Create(string header, byte[] data) => Create(Encoding.UTF8.GetBytes(header), data);

    public static byte[] Create(byte[] header, byte[] data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. data];
    }
}
