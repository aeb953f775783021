namespace MiniMind.Samples.ConvertWeights;

/// <summary>How numbers are written.</summary>
internal enum ElementType
{
    F32,
    F16,
    BF16,
    Q8,
}
