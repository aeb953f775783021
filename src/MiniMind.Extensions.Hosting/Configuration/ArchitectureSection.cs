using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;

namespace MiniMind.Extensions.Hosting;

/// <summary>Reads an architecture from a configuration. Generated binding cannot set properties that are set once, as those of <see cref="LMConfig"/> are; reflection can, on a type
/// whose members are kept when a program is trimmed.</summary>
internal static class ArchitectureSection
{
    /// <exception cref="InvalidOperationException">A key is no property of <see cref="LMConfig"/>, or a value has the wrong type.</exception>
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(LMConfig))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(RopeScaling))]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "The members of both types are kept.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "The types hold no collections.")]
    public static LMConfig Read(IConfigurationSection section)
    {
        var type = typeof(LMConfig);
        return (LMConfig?)section.Get(type, options => options.ErrorOnUnknownConfiguration = true) ?? new LMConfig();
    }
}
