using System.Runtime.InteropServices;
using TorchSharp;

namespace MiniMind;

/// <summary>Whether libtorch, the native half of TorchSharp, can be used in this process.</summary>
public static class TorchRuntime
{
    private const string Fp32LibraryVariable = "MINIMIND_FP32_LIBRARY";

    private static readonly Lazy<(string Message, Exception Cause)?> Failure = new(Start);
    private static MatrixLibrary? _fp32Library;

    /// <summary>Which library computes matrix products in fp32 on the CPU. Default: the environment variable <c>MINIMIND_FP32_LIBRARY</c> (<c>auto</c>,
    /// <c>mkl</c> or <c>onednn</c>), else <see cref="MatrixLibrary.Auto"/>. It holds for the whole process; set it before the first model computes. The two
    /// round differently, so that a resumed run goes on with the library that its checkpoint records, unless one is set here.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of the three.</exception>
    /// <exception cref="InvalidOperationException">It is read, was not set, and the environment variable has another value.</exception>
    public static MatrixLibrary Fp32Library
    {
        get => _fp32Library ?? ParseLibrary(Environment.GetEnvironmentVariable(Fp32LibraryVariable));
        set => _fp32Library = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "expected Auto, Mkl or OneDnn");
    }

    /// <summary>Loads libtorch, or says why that is impossible. Cheap after the first call and safe from any thread.</summary>
    /// <remarks>Models, weight files and trainers call this themselves. The libraries reference no libtorch package, because CPU or CUDA is the
    /// application's choice.</remarks>
    /// <exception cref="TorchUnavailableException">The program references no libtorch package, or libtorch does not load on this machine.</exception>
    public static void EnsureAvailable()
    {
        if (Failure.Value is { } failure)
            throw new TorchUnavailableException(failure.Message, failure.Cause);
    }

    /// <summary>Makes the C library keep the memory that tensors leave, instead of giving it back and getting it anew, page by page, at the next
    /// step. For training on Linux's CPU; call it first in the program. It holds for the whole process, whose memory then does not shrink.</summary>
    /// <remarks>Sets glibc's M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, M_TOP_PAD and M_MXFAST; docs/performance.md has its measured effect.</remarks>
    /// <returns>Whether it was done; elsewhere than on glibc it is not needed or not possible.</returns>
    public static bool KeepFreedMemory()
    {
        const int MaxFast = 1, TrimThreshold = -1, TopPad = -2, MapThreshold = -3;
        if (LibcFunction<SetAllocatorOption>("mallopt") is not { } set)
            return false;
        // The heap of a thread other than the first is freed as a whole unless the padding is as large as it.
        // Small freed blocks that wait to be used again keep their neighbours from becoming one large block.
        return set(MapThreshold, 1 << 30) != 0 && set(TrimThreshold, -1) != 0 && set(TopPad, 64 << 20) != 0 && set(MaxFast, 0) != 0;
    }

    /// <summary>Makes libtorch's threads wait for each other a few microseconds before they sleep, instead of several milliseconds, so that a step
    /// slows down less when another program needs one of the cores. For Linux's CPU; call it first in the program, because OpenMP reads it when
    /// libtorch loads. It holds for the whole process.</summary>
    /// <remarks>Sets the environment variable <c>GOMP_SPINCOUNT</c> to 2000; docs/performance.md has its measured effect.</remarks>
    /// <returns>Whether it was done: not elsewhere than on Linux, not if the environment says already how threads wait (<c>GOMP_SPINCOUNT</c> or
    /// <c>OMP_WAIT_POLICY</c>), and not once OpenMP is loaded.</returns>
    public static bool LimitSpinning()
    {
        const string Variable = "GOMP_SPINCOUNT";
        return OperatingSystem.IsLinux()
            && Environment.GetEnvironmentVariable(Variable) is null && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null
            && !File.ReadLines("/proc/self/maps").Any(line => line.Contains("libgomp", StringComparison.Ordinal))
            && TrySetNativeVariable(Variable, "2000");
    }

    /// <summary>Gives an environment variable to native libraries that load later, unless it is set. .NET keeps an environment of its own, which they do not see.</summary>
    /// <returns>Whether it was done: on Linux.</returns>
    internal static bool TrySetNativeVariable(string name, string value) =>
        LibcFunction<SetVariable>("setenv") is { } set && set(name, value, overwrite: 0) == 0;

    /// <summary>Gives back to the system, once, what is free now on whichever thread: glibc's memory belongs to the thread that first had it.</summary>
    internal static void ReturnFreedMemory() => LibcFunction<TrimAllocator>("malloc_trim")?.Invoke(0);

    /// <summary>The library of a value of the environment variable.</summary>
    internal static MatrixLibrary ParseLibrary(string? value) => value?.ToLowerInvariant() switch
    {
        null or "" or "auto" => MatrixLibrary.Auto,
        "mkl" => MatrixLibrary.Mkl,
        "onednn" => MatrixLibrary.OneDnn,
        _ => throw new InvalidOperationException($"the environment variable {Fp32LibraryVariable} is {MessageText.Quoted(value)}; expected auto, mkl or onednn"),
    };

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SetAllocatorOption(int option, int value);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int TrimAllocator(nuint pad);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl, CharSet = CharSet.Ansi)]
    private delegate int SetVariable(string name, string value, int overwrite);

    /// <summary>A function of glibc, or none.</summary>
    private static TDelegate? LibcFunction<TDelegate>(string name)
        where TDelegate : Delegate =>
        OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out var library) && NativeLibrary.TryGetExport(library, name, out var address)
            ? Marshal.GetDelegateForFunctionPointer<TDelegate>(address)
            : null;

    private static (string Message, Exception Cause)? Start()
    {
        try
        {
            // The cheapest call that ends in native code: it runs TorchSharp's own loading first.
            _ = torch.get_num_threads();
            return null;
        }
        catch (Exception e) when (e is TypeInitializationException or NotSupportedException or DllNotFoundException
            or BadImageFormatException or EntryPointNotFoundException)
        {
            return (Describe(SearchFolders(), LoaderMessage, RuntimeInformation.RuntimeIdentifier, e), e);
        }
    }

    /// <summary>The message of the exception.</summary>
    /// <param name="folders">Where the runtime looks for native libraries.</param>
    /// <param name="load">Tries to load a library by its path; null if it loads, otherwise what the loader said.</param>
    /// <param name="runtimeIdentifier">The platform, as in <c>linux-x64</c>; decides the file names.</param>
    /// <param name="cause">What TorchSharp threw.</param>
    internal static string Describe(IReadOnlyList<string> folders, Func<string, string?> load, string runtimeIdentifier, Exception cause)
    {
        var version = typeof(torch).Assembly.GetName().Version?.ToString(3);
        var torchFile = FileName("torch_cpu", runtimeIdentifier);
        if (Find(folders, torchFile) is not { } torchPath)
            return "This program has no libtorch: it references none of the packages that bring it. Add one to the application's project, " +
                $"at TorchSharp's version {version}: TorchSharp-cpu, or for NVIDIA GPUs TorchSharp-cuda-linux or TorchSharp-cuda-windows. " +
                $"(Platform {runtimeIdentifier}; no {torchFile} in {string.Join(", ", folders)}.)";

        var bridgeFile = FileName("LibTorchSharp", runtimeIdentifier);
        if (Find(folders, bridgeFile) is not { } bridgePath)
            return $"TorchSharp {version} brings no native library for {runtimeIdentifier}: libtorch is in {Path.GetDirectoryName(torchPath)}, " +
                $"but there is no {bridgeFile} in {string.Join(", ", folders)}. Build and publish for one of TorchSharp's platforms " +
                "(linux-x64, win-x64, win-arm64, osx-arm64).";

        foreach (var path in (string[])[torchPath, bridgePath])
            if (load(path) is { } reason)
                return reason.Contains("GLIBCXX_", StringComparison.Ordinal)
                    ? $"libtorch does not load, because this system's libstdc++ is older than {Path.GetFileName(path)} asks for: {reason}. " +
                        "The build step that comes with MiniMind.Core lifts this where the newer version is named but not used. It is switched off " +
                        "(MiniMindFixTorchSharpLoad=false) or did not run for this output: remove the property and rebuild, " +
                        "or install libstdc++ of GCC 13.2 or later."
                    : $"libtorch is there, but {path} does not load: {reason}. Expected the libtorch that TorchSharp {version} was built for: " +
                        "reference TorchSharp-cpu, TorchSharp-cuda-linux or TorchSharp-cuda-windows at that version, and no other libtorch.";

        return $"libtorch loads ({torchPath}), but TorchSharp {version} could not start it: {Innermost(cause).Message}";
    }

    /// <summary>What the platform's loader said, without the runtime's own introduction.</summary>
    internal static string LoaderReason(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var reason = string.Join("; ", lines.Length > 1 ? lines[1..] : lines);
        return reason.TrimEnd('.');
    }

    private static string? LoaderMessage(string path)
    {
        try
        {
            NativeLibrary.Load(path);
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            return LoaderReason(e.Message);
        }
    }

    private static List<string> SearchFolders()
    {
        var listed = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? string.Empty;
        var folders = listed.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(AppContext.BaseDirectory)
            .Append(Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"));
        return [.. folders.Select(Path.TrimEndingDirectorySeparator).Distinct().Where(Directory.Exists)];
    }

    private static string? Find(IReadOnlyList<string> folders, string file) =>
        folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    private static string FileName(string name, string runtimeIdentifier) =>
        runtimeIdentifier.StartsWith("win", StringComparison.Ordinal) ? $"{name}.dll"
        : runtimeIdentifier.StartsWith("osx", StringComparison.Ordinal) ? $"lib{name}.dylib"
        : $"lib{name}.so";

    private static Exception Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
            exception = inner;
        return exception;
    }
}
