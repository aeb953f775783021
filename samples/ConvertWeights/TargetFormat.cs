namespace MiniMind.Samples.ConvertWeights;

/// <summary>What is written.</summary>
internal enum TargetFormat
{
    HuggingFace,
    Reference,
    Gguf,
}
