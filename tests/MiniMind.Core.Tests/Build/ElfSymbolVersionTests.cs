using System.Reflection;
using MiniMind.Build;

namespace MiniMind.Tests;

public sealed class ElfSymbolVersionTests
{
    private const string TorchSharpVersion = "GLIBCXX_3.4.32";

    [Fact]
    public void Weaken_changes_the_one_flag_of_the_torchsharp_library()
    {
        var original = File.ReadAllBytes(TorchSharpLibrary());
        var image = original.ToArray();

        Assert.Equal(SymbolVersionState.Weakened, ElfSymbolVersion.Weaken(image, TorchSharpVersion));

        var change = Assert.Single(Enumerable.Range(0, image.Length), i => image[i] != original[i]);
        Assert.Equal((0, 2), (original[change], image[change]));
        Assert.Equal(SymbolVersionState.AlreadyWeak, ElfSymbolVersion.Weaken(image, TorchSharpVersion));
    }

    [Theory]
    [InlineData("GLIBCXX_3.4.29")]
    [InlineData("GLIBCXX_3.4.30")]
    [InlineData("CXXABI_1.3.13")]
    public void Weaken_refuses_versions_that_the_torchsharp_library_uses(string version)
    {
        var original = File.ReadAllBytes(TorchSharpLibrary());
        var image = original.ToArray();

        Assert.Equal(SymbolVersionState.InUse, ElfSymbolVersion.Weaken(image, version));
        Assert.True(original.AsSpan().SequenceEqual(image));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Weaken_reads_every_kind_of_relocation_table(bool plt, bool withoutAddend)
    {
        var free = SmallElf.Create(plt, withoutAddend, relocatedSymbol: 1);
        Assert.Equal(SymbolVersionState.Weakened, ElfSymbolVersion.Weaken(free, SmallElf.UnusedVersion));
        Assert.Equal(2, free[SmallElf.UnusedFlags]);
        Assert.Equal(SymbolVersionState.InUse, ElfSymbolVersion.Weaken(free, SmallElf.UsedVersion));

        var used = SmallElf.Create(plt, withoutAddend, relocatedSymbol: 2);
        Assert.Equal(SymbolVersionState.InUse, ElfSymbolVersion.Weaken(used, SmallElf.UnusedVersion));
        Assert.Equal(0, used[SmallElf.UnusedFlags]);
    }

    [Theory]
    [InlineData("LIB_3.0")]
    [InlineData("LIB_2")]
    [InlineData("LIB_2.00")]
    public void Weaken_finds_only_the_whole_name(string version)
    {
        var image = SmallElf.Create();
        Assert.Equal(SymbolVersionState.Absent, ElfSymbolVersion.Weaken(image, version));
        Assert.Equal(SmallElf.Create(), image);
    }

    [Fact]
    public void Weaken_reads_aarch64_and_names_other_machines()
    {
        Assert.Equal(SymbolVersionState.Weakened, ElfSymbolVersion.Weaken(SmallElf.Create(machine: 183), SmallElf.UnusedVersion));
        Assert.Contains("machine 8", Refusal(SmallElf.Create(machine: 8)), StringComparison.Ordinal);
    }

    [Fact]
    public void Weaken_names_what_is_wrong_with_a_file()
    {
        Assert.Equal("it is not an ELF file.", Refusal([]));
        Assert.Equal("it is not an ELF file.", Refusal(new byte[100]));

        var elf32 = SmallElf.Create();
        elf32[4] = 1;
        Assert.Equal("it is not a 64-bit little-endian ELF file.", Refusal(elf32));

        var notDynamic = SmallElf.Create();
        notDynamic[120] = 4;
        Assert.Contains("no dynamic segment", Refusal(notDynamic), StringComparison.Ordinal);

        Assert.Contains("truncated", Refusal(SmallElf.Create()[..0x200]), StringComparison.Ordinal);
    }

    [Fact]
    public void Weaken_of_damaged_files_changes_the_flag_or_nothing()
    {
        var random = new Random(20260101);
        for (var round = 0; round < 20_000; round++)
        {
            var image = SmallElf.Create(random.Next(2) == 0, random.Next(2) == 0, random.Next(1, 3));
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                image[random.Next(image.Length)] = random.Next(3) switch { 0 => 0xff, 1 => (byte)random.Next(256), _ => 0 };
            if (random.Next(4) == 0)
                image = image[..random.Next(image.Length)];
            var before = image.ToArray();

            SymbolVersionState? state = null;
            try
            {
                state = ElfSymbolVersion.Weaken(image, SmallElf.UnusedVersion);
            }
            catch (InvalidDataException)
            {
                // Documented.
            }

            var changed = Enumerable.Range(0, image.Length).Where(i => image[i] != before[i]).ToList();
            Assert.Equal(state == SymbolVersionState.Weakened, changed.Count > 0);
            Assert.All(changed, i => Assert.Equal(before[i] | 2, image[i]));
        }
    }

    [Fact]
    public void WriteWeakened_leaves_the_source_alone_and_writes_nothing_when_refused()
    {
        var folder = Directory.CreateTempSubdirectory("minimind-elf-");
        try
        {
            var source = Path.Combine(folder.FullName, "source.so");
            var copy = Path.Combine(folder.FullName, "deep", "er", "copy.so");
            File.WriteAllBytes(source, SmallElf.Create());

            Assert.True(ElfSymbolVersion.WriteWeakened(source, copy, [SmallElf.UnusedVersion]));
            Assert.Equal(SmallElf.Create(), File.ReadAllBytes(source));
            Assert.Equal(2, File.ReadAllBytes(copy)[SmallElf.UnusedFlags]);
            Assert.False(ElfSymbolVersion.WriteWeakened(copy, copy, [SmallElf.UnusedVersion]));

            var refused = Path.Combine(folder.FullName, "refused.so");
            var refusal = Assert.Throws<InvalidDataException>(
                () => ElfSymbolVersion.WriteWeakened(source, refused, [SmallElf.UnusedVersion, SmallElf.UsedVersion]));
            Assert.Contains(SmallElf.UsedVersion, refusal.Message, StringComparison.Ordinal);
            Assert.False(File.Exists(refused));
            Assert.Single(Directory.GetFiles(Path.GetDirectoryName(copy)!));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_build_step_weakened_the_library_beside_these_tests()
    {
        var built = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");
        if (!File.Exists(built))
            built = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(built), "TorchSharp's native library is not a Linux one here");

        Assert.Equal(SymbolVersionState.AlreadyWeak, ElfSymbolVersion.Weaken(File.ReadAllBytes(built), TorchSharpVersion));
    }

    private static string Refusal(byte[] image) =>
        Assert.Throws<InvalidDataException>(() => ElfSymbolVersion.Weaken(image, SmallElf.UnusedVersion)).Message;

    private static string TorchSharpLibrary()
    {
        var package = typeof(ElfSymbolVersionTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == "TorchSharpPackage").Value!;
        return Path.Combine(package, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
    }
}
