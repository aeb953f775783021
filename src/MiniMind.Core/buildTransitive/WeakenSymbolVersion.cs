#nullable disable
using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace MiniMind.Build;

#if !NET
// Compiled by the build itself (RoslynCodeTaskFactory, netstandard2.0); the tests link this file for the ELF logic below and need no MSBuild.

/// <summary>MSBuild task: writes copies of shared libraries in which some required symbol versions are weak.</summary>
/// <remarks>A library that cannot be changed safely gets no copy and a build warning; the caller then goes on with the original.</remarks>
public sealed class WeakenSymbolVersion : Microsoft.Build.Utilities.Task
{
    /// <summary>The libraries to read; they are never written to.</summary>
    [Microsoft.Build.Framework.Required]
    public Microsoft.Build.Framework.ITaskItem[] Sources { get; set; }

    /// <summary>One file a source, in the same order.</summary>
    [Microsoft.Build.Framework.Required]
    public Microsoft.Build.Framework.ITaskItem[] Destinations { get; set; }

    /// <summary>Names of symbol versions, as in <c>GLIBCXX_3.4.32</c>, separated by semicolons.</summary>
    [Microsoft.Build.Framework.Required]
    public string Versions { get; set; }

    /// <inheritdoc/>
    public override bool Execute()
    {
        // Not an array parameter: a list given on the command line (%3B) would arrive as one element.
        var versions = Versions.Split(new[] { ';', ' ' }, StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < Sources.Length; i++)
        {
            var source = Sources[i].GetMetadata("FullPath");
            var destination = Destinations[i].GetMetadata("FullPath");
            try
            {
                if (File.Exists(destination))
                    File.Delete(destination);
                var changed = ElfSymbolVersion.WriteWeakened(source, destination, versions);
                Log.LogMessage(
                    Microsoft.Build.Framework.MessageImportance.Low,
                    changed ? "MiniMind: '{0}' requires {1} weakly in '{2}'." : "MiniMind: '{0}' does not require {1}; '{2}' is the same.",
                    source,
                    string.Join(", ", versions),
                    destination);
            }
            catch (Exception e) when (e is InvalidDataException || e is IOException || e is UnauthorizedAccessException)
            {
                Log.LogWarning(
                    null, "MINIMIND001", null, source, 0, 0, 0, 0,
                    "Left as it is: {0} It may not load where libstdc++ is older than it asks for. MiniMindFixTorchSharpLoad=false skips this step.",
                    e.Message);
            }
        }

        return !Log.HasLoggedErrors;
    }
}
#endif

/// <summary>What <see cref="ElfSymbolVersion.Weaken"/> found.</summary>
internal enum SymbolVersionState
{
    /// <summary>The library does not name the version.</summary>
    Absent,

    /// <summary>The library names the version weakly already.</summary>
    AlreadyWeak,

    /// <summary>The entry was strong, nothing uses it, and it is weak now.</summary>
    Weakened,

    /// <summary>A relocation needs a symbol of this version: nothing was changed.</summary>
    InUse,
}

/// <summary>Marks a symbol version that a shared library requires as weak, so that the loader accepts a dependency without it.</summary>
/// <remarks>Reads what the dynamic loader reads (the dynamic segment, not the section table, which may be stripped), of ELF64 little-endian files
/// for x86-64 and AArch64. See the Linux Standard Base, "Symbol Versioning", and glibc's <c>elf/dl-version.c</c>: a missing version is an error
/// unless its <c>vna_flags</c> has <c>VER_FLG_WEAK</c>.</remarks>
internal sealed class ElfSymbolVersion
{
    private const int WeakFlag = 2;
    private const int LoadSegment = 1;
    private const int DynamicSegment = 2;
    private const int SymbolSize = 24;
    private const int MostEntries = 65536;

    private const long TagPltRelSize = 2;
    private const long TagStrTab = 5;
    private const long TagSymTab = 6;
    private const long TagRela = 7;
    private const long TagRelaSize = 8;
    private const long TagRelaEntry = 9;
    private const long TagStrSize = 10;
    private const long TagSymEntry = 11;
    private const long TagRel = 17;
    private const long TagRelSize = 18;
    private const long TagRelEntry = 19;
    private const long TagPltRel = 20;
    private const long TagJmpRel = 23;
    private const long TagVerSym = 0x6ffffff0;
    private const long TagVerNeed = 0x6ffffffe;
    private const long TagVerNeedCount = 0x6fffffff;
    private const long TagFirstPackedRelocation = 0x6000000f;
    private const long TagLastPackedRelocation = 0x60000012;

    private readonly byte[] _image;
    private readonly List<Segment> _segments = new List<Segment>();
    private readonly Dictionary<long, long> _dynamic = new Dictionary<long, long>();

    private ElfSymbolVersion(byte[] image)
    {
        _image = image;
        ReadHeader();
    }

    /// <summary>Reads a library and writes a copy in which the given versions are weak; the copy appears whole or not at all.</summary>
    /// <returns>False when there was nothing to change and the copy equals the source.</returns>
    /// <exception cref="InvalidDataException">The file is not what is expected, or a relocation uses one version; nothing is written.</exception>
    public static bool WriteWeakened(string source, string destination, IEnumerable<string> versions)
    {
        var image = File.ReadAllBytes(source);
        var changed = false;
        foreach (var version in versions)
        {
            var state = Weaken(image, version);
            if (state == SymbolVersionState.InUse)
                throw new InvalidDataException($"a relocation uses a symbol of version {version}, so the library cannot do without it.");
            changed |= state == SymbolVersionState.Weakened;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(destination));
        var temporary = destination + "." + Guid.NewGuid().ToString("N") + ".tmp";
        try
        {
            File.WriteAllBytes(temporary, image);
            File.Delete(destination);
            File.Move(temporary, destination);
        }
        finally
        {
            File.Delete(temporary);
        }

        return changed;
    }

    /// <summary>Marks a version weak in the bytes of a library: exactly one byte changes for each library the version is required from.</summary>
    /// <exception cref="InvalidDataException">The bytes are not an ELF64 little-endian shared library for x86-64 or AArch64 with consistent tables;
    /// they are unchanged.</exception>
    public static SymbolVersionState Weaken(byte[] image, string version)
    {
        var elf = new ElfSymbolVersion(image);
        var found = elf.FindRequired(version);
        if (found.Count == 0)
            return SymbolVersionState.Absent;

        var strong = found.FindAll(entry => (elf.U16(entry + 4) & WeakFlag) == 0);
        if (strong.Count == 0)
            return SymbolVersionState.AlreadyWeak;

        var indexes = new HashSet<int>();
        foreach (var entry in strong)
            indexes.Add(elf.U16(entry + 6) & 0x7fff);
        if (elf.AnyRelocationUses(indexes))
            return SymbolVersionState.InUse;

        foreach (var entry in strong)
            image[entry + 4] |= WeakFlag;
        return SymbolVersionState.Weakened;
    }

    private void ReadHeader()
    {
        if (_image.Length < 64 || _image[0] != 0x7f || _image[1] != 'E' || _image[2] != 'L' || _image[3] != 'F')
            throw new InvalidDataException("it is not an ELF file.");
        if (_image[4] != 2 || _image[5] != 1)
            throw new InvalidDataException("it is not a 64-bit little-endian ELF file.");
        var machine = U16(18);
        if (machine != 62 && machine != 183)
            throw new InvalidDataException($"it is built for ELF machine {machine}, expected 62 (x86-64) or 183 (AArch64).");

        var table = ToOffset(U64(32));
        var entrySize = U16(54);
        var count = U16(56);
        if (entrySize < 56)
            throw new InvalidDataException($"its program header entries have {entrySize} bytes, expected 56.");

        var dynamicOffset = -1;
        var dynamicSize = 0;
        for (var i = 0; i < count; i++)
        {
            var header = Offset(table, (long)i * entrySize);
            var type = U32(header);
            var fileOffset = U64(header + 8);
            var size = U64(header + 32);
            if (type == LoadSegment)
                _segments.Add(new Segment(U64(header + 16), fileOffset, size));
            if (type == DynamicSegment)
                (dynamicOffset, dynamicSize) = (ToOffset(fileOffset), ToOffset(size));
        }

        if (dynamicOffset < 0)
            throw new InvalidDataException("it has no dynamic segment, so it is not a shared library.");
        for (var i = 0; i < dynamicSize / 16; i++)
        {
            var tag = U64(Offset(dynamicOffset, i * 16L));
            if (tag == 0)
                return;
            _dynamic[tag] = U64(Offset(dynamicOffset, (i * 16L) + 8));
        }
    }

    /// <summary>The offsets of the <c>Elf64_Vernaux</c> entries that name the version.</summary>
    private List<int> FindRequired(string version)
    {
        var found = new List<int>();
        if (!_dynamic.TryGetValue(TagVerNeed, out var address))
            return found;

        var files = _dynamic.TryGetValue(TagVerNeedCount, out var declared) ? declared : 0;
        var visited = 0;
        var need = AddressToOffset(address);
        for (long i = 0; i < files; i++)
        {
            var auxiliary = Offset(need, U32(need + 8));
            for (var left = U16(need + 2); left > 0; left--)
            {
                if (++visited > MostEntries)
                    throw new InvalidDataException($"its table of required versions has more than {MostEntries} entries.");
                if (IsName(U32(auxiliary + 8), version))
                    found.Add(auxiliary);
                U16(auxiliary + 4);
                var next = U32(auxiliary + 12);
                if (left > 1)
                    auxiliary = Offset(auxiliary, NotZero(next));
            }

            if (++visited > MostEntries)
                throw new InvalidDataException($"its table of required versions has more than {MostEntries} entries.");
            if (i + 1 < files)
                need = Offset(need, NotZero(U32(need + 12)));
        }

        return found;
    }

    private static long NotZero(long step) =>
        step != 0 ? step : throw new InvalidDataException("its table of required versions ends before the number of entries it declares.");

    private bool IsName(long nameOffset, string version)
    {
        var size = Dynamic(TagStrSize);
        var name = Encoding.UTF8.GetBytes(version);
        if (nameOffset + name.Length >= size)
            return nameOffset < size ? false : throw new InvalidDataException("a version's name lies outside the string table.");

        var start = Offset(AddressToOffset(Dynamic(TagStrTab)), nameOffset);
        for (var i = 0; i < name.Length; i++)
            if (U8(start + i) != name[i])
                return false;
        return U8(start + name.Length) == 0;
    }

    private bool AnyRelocationUses(HashSet<int> versionIndexes)
    {
        for (var tag = TagFirstPackedRelocation; tag <= TagLastPackedRelocation; tag++)
            if (_dynamic.ContainsKey(tag))
                throw new InvalidDataException("it has packed (Android) relocations, which this step does not read.");

        // DT_RELR holds relative relocations only: they name no symbol.
        return TableUses(versionIndexes, TagRela, TagRelaSize, RelocationSize(TagRelaEntry, 24))
            || TableUses(versionIndexes, TagRel, TagRelSize, RelocationSize(TagRelEntry, 16))
            || TableUses(versionIndexes, TagJmpRel, TagPltRelSize, PltRelocationSize());
    }

    private int PltRelocationSize()
    {
        if (!_dynamic.TryGetValue(TagPltRel, out var kind) || kind == TagRela)
            return 24;
        return kind == TagRel ? 16 : throw new InvalidDataException($"its DT_PLTREL is {kind}, expected 7 (RELA) or 17 (REL).");
    }

    private int RelocationSize(long tag, int expected)
    {
        if (_dynamic.TryGetValue(tag, out var size) && size != expected)
            throw new InvalidDataException($"its relocation entries have {size} bytes, expected {expected}.");
        return expected;
    }

    private bool TableUses(HashSet<int> versionIndexes, long addressTag, long sizeTag, int entrySize)
    {
        if (!_dynamic.TryGetValue(addressTag, out var address) || !_dynamic.TryGetValue(sizeTag, out var size) || size == 0)
            return false;
        if (size % entrySize != 0)
            throw new InvalidDataException($"a relocation table has {size} bytes, expected a multiple of {entrySize}.");
        if (_dynamic.TryGetValue(TagSymEntry, out var symbolSize) && symbolSize != SymbolSize)
            throw new InvalidDataException($"its symbols have {symbolSize} bytes, expected {SymbolSize}.");

        var table = AddressToOffset(address);
        var versions = AddressToOffset(Dynamic(TagVerSym));
        var symbols = AddressToOffset(Dynamic(TagSymTab));
        for (long i = 0; i < size / entrySize; i++)
        {
            var symbol = U32(Offset(table, (i * entrySize) + 12));
            if (symbol == 0)
                continue;
            Offset(symbols, symbol * SymbolSize);
            if (versionIndexes.Contains(U16(Offset(versions, symbol * 2)) & 0x7fff))
                return true;
        }

        return false;
    }

    private long Dynamic(long tag) =>
        _dynamic.TryGetValue(tag, out var value)
            ? value
            : throw new InvalidDataException($"its dynamic segment has no entry 0x{tag:x}, which a library with required versions needs.");

    private int AddressToOffset(long address)
    {
        foreach (var segment in _segments)
            if (address >= segment.Address && address - segment.Address < segment.Size)
                return Offset(ToOffset(segment.FileOffset), address - segment.Address);
        throw new InvalidDataException($"address 0x{address:x} lies in none of its loaded segments.");
    }

    private int ToOffset(long value) => Offset(0, value);

    private int Offset(int start, long distance)
    {
        if (distance < 0 || distance > _image.Length - start)
            throw new InvalidDataException($"it is truncated or damaged: offset {start} + {distance} lies outside its {_image.Length} bytes.");
        return start + (int)distance;
    }

    private int U8(int offset) => _image[Need(offset, 1)];

    private int U16(int offset) => BitConverter.ToUInt16(_image, Need(offset, 2));

    private long U32(int offset) => BitConverter.ToUInt32(_image, Need(offset, 4));

    private long U64(int offset) => BitConverter.ToInt64(_image, Need(offset, 8));

    private int Need(int offset, int count)
    {
        if (offset < 0 || offset > _image.Length - count)
            throw new InvalidDataException($"it is truncated or damaged: {count} bytes at offset {offset} lie outside its {_image.Length} bytes.");
        return offset;
    }

    private readonly struct Segment
    {
        public Segment(long address, long fileOffset, long size)
        {
            Address = address;
            FileOffset = fileOffset;
            Size = size;
        }

        public long Address { get; }

        public long FileOffset { get; }

        public long Size { get; }
    }
}
