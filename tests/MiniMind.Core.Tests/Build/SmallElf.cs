using System.Buffers.Binary;
using System.Text;

namespace MiniMind.Tests;

/// <summary>A shared library of a few hundred bytes: two required versions of one file, three symbols, one relocation table.</summary>
internal static class SmallElf
{
    public const string UsedVersion = "LIB_1.0";
    public const string UnusedVersion = "LIB_2.0";

    private const int Dynamic = 0xB0;
    private const int Strings = 0x180;
    private const int Symbols = 0x1A0;
    private const int SymbolVersions = 0x1E8;
    private const int Needed = 0x1F0;
    private const int Relocations = 0x220;
    private const int Length = 0x250;

    /// <summary>Where <c>vna_flags</c> of <see cref="UnusedVersion"/> is.</summary>
    public const int UnusedFlags = Needed + 32 + 4;

    /// <summary>The address of every table is its offset plus this, so that mixing the two up shows.</summary>
    private const int Base = 0x1000;

    /// <param name="asPltRelocations">The relocations are under DT_JMPREL instead of DT_RELA.</param>
    /// <param name="relocationsWithoutAddend">The relocations are of 16 bytes (REL) instead of 24 (RELA).</param>
    /// <param name="relocatedSymbol">What the last relocation names: symbol 1 has <see cref="UsedVersion"/>, 2 <see cref="UnusedVersion"/>.</param>
    public static byte[] Create(bool asPltRelocations = false, bool relocationsWithoutAddend = false, int relocatedSymbol = 1, ushort machine = 62)
    {
        var image = new byte[Length];
        "\u007fELF"u8.CopyTo(image);
        (image[4], image[5], image[6]) = (2, 1, 1);
        Put16(image, 16, 3);
        Put16(image, 18, machine);
        Put64(image, 32, 64);
        Put16(image, 54, 56);
        Put16(image, 56, 2);
        Segment(image, 64, type: 1, 0, Length);
        Segment(image, 120, type: 2, Dynamic, Strings - Dynamic);

        var entry = relocationsWithoutAddend ? 16 : 24;
        List<(long Tag, long Value)> dynamic =
        [
            (5, Base + Strings), (10, 0x20), (6, Base + Symbols), (11, 24),
            (0x6ffffff0, Base + SymbolVersions), (0x6ffffffe, Base + Needed), (0x6fffffff, 1),
        ];
        dynamic.AddRange((asPltRelocations, relocationsWithoutAddend) switch
        {
            (true, _) => [(23, Base + Relocations), (2, 2 * entry), (20, relocationsWithoutAddend ? 17 : 7)],
            (false, false) => [(7, Base + Relocations), (8, 2 * entry), (9, entry)],
            (false, true) => [(17, Base + Relocations), (18, 2 * entry), (19, entry)],
        });
        for (var i = 0; i < dynamic.Count; i++)
        {
            Put64(image, Dynamic + (16 * i), dynamic[i].Tag);
            Put64(image, Dynamic + (16 * i) + 8, dynamic[i].Value);
        }

        Encoding.ASCII.GetBytes($"\0lib.so\0{UsedVersion}\0{UnusedVersion}\0").CopyTo(image, Strings);
        Put16(image, SymbolVersions + 2, 2);
        Put16(image, SymbolVersions + 4, 3);

        Put16(image, Needed, 1);
        Put16(image, Needed + 2, 2);
        Put32(image, Needed + 4, 1);
        Put32(image, Needed + 8, 16);
        Required(image, Needed + 16, index: 2, name: 8, next: 16);
        Required(image, Needed + 32, index: 3, name: 16, next: 0);

        // The first relocation is relative and names no symbol.
        Put32(image, Relocations + entry + 12, relocatedSymbol);
        return image;
    }

    private static void Segment(byte[] image, int at, int type, int offset, int size)
    {
        Put32(image, at, type);
        Put64(image, at + 8, offset);
        Put64(image, at + 16, Base + offset);
        Put64(image, at + 32, size);
        Put64(image, at + 40, size);
    }

    private static void Required(byte[] image, int at, ushort index, int name, int next)
    {
        Put16(image, at + 6, index);
        Put32(image, at + 8, name);
        Put32(image, at + 12, next);
    }

    private static void Put16(byte[] image, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(at), value);

    private static void Put32(byte[] image, int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(at), value);

    private static void Put64(byte[] image, int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(image.AsSpan(at), value);
}
