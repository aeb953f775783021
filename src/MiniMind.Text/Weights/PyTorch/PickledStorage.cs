namespace MiniMind;

/// <summary>A run of numbers outside the pickle: the entry <c>data/{Key}</c> of the archive.</summary>
internal sealed record PickledStorage(string Key, ElementType Elements, long Count);
