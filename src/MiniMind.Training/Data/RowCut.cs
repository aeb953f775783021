namespace MiniMind.Training;

/// <summary>What a row lost to the maximum length. The values stand in token caches.</summary>
internal enum RowCut : byte
{
    None = 0,
    Tokens = 1,

    /// <summary>Tokens, and a tag that closes reasoning or an answer among them.</summary>
    ClosingTag = 2,
}
