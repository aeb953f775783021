namespace MiniMind.Extensions.AI;

/// <summary>Leaves out questions that share a passage with a held-out problem, so that an examination does not ask what was taught. As open-r1 does it, with passages of
/// eight words.</summary>
public sealed record DecontaminationRule
{
    /// <summary>The held-out problems' texts.</summary>
    public IReadOnlyCollection<string> HeldOut { get; set; } = [];

    /// <summary>Words of a passage; in Chinese, Japanese and Korean, characters. Default 8. A held-out text of fewer words is a passage as a whole.</summary>
    public int Words { get; set; } = 8;
}
