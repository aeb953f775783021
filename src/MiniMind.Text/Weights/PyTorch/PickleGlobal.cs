namespace MiniMind;

/// <summary>A name that a pickle refers to, one of <see cref="PickleGlobals"/>.</summary>
internal sealed record PickleGlobal(string Name);
