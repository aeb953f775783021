namespace MiniMind;

/// <summary>What a large file is in a repository that was cloned without git-lfs: a few lines that say where the file is.</summary>
internal static class GitLfsPointer
{
    /// <summary>What is wrong with such a file.</summary>
    public const string Problem = "this is a git-lfs pointer and not the file itself; fetch the file (git lfs pull, or the site's download)";

    /// <summary>The bytes that it starts with.</summary>
    public static ReadOnlySpan<byte> Start => "version https://git-lfs"u8;
}
