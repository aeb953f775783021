using System.Runtime.InteropServices;
using LLama.Exceptions;
using LLama.Native;

namespace MiniMind.LlamaCpp.Tests;

/// <summary>llama.cpp's library in this process, as the package LLamaSharp.Backend.Cpu has it.</summary>
internal static class LlamaCppBackend
{
    private static readonly Lazy<string?> LoadFault = new(Load);

    /// <summary>Whether it must load: the platform that this repository's checks run on, where a skipped test would hide a fault.</summary>
    public static bool IsExpected => OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64;

    /// <summary>Why it does not load; null where it does.</summary>
    public static string? Fault => LoadFault.Value;

    /// <summary>Skips the calling test where the library does not load.</summary>
    public static void Require() => Assert.SkipUnless(Fault is null, $"llama.cpp does not load on this machine: {Fault}");

    private static string? Load()
    {
        // libtorch brings an OpenMP runtime under the name that llama.cpp's library asks for. Whichever is loaded first serves both, so that one process
        // has one, and a machine without the system's (libgomp1) needs none.
        TorchRuntime.EnsureAvailable();
        // So small models are computed fastest by one thread.
        TorchSharp.torch.set_num_threads(1);
        NativeLibraryConfig.All.WithLogCallback((_, _) => { });
        try
        {
            NativeApi.llama_empty_call();
            return null;
        }
        catch (TypeInitializationException e)
        {
            return (e.InnerException ?? e).Message;
        }
        catch (RuntimeError e)
        {
            return e.Message;
        }
    }
}
