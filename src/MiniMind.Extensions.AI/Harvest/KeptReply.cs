namespace MiniMind.Extensions.AI;

/// <summary>An example to be: the place of its problem among the problems, its sample, and how its problem went.</summary>
internal readonly record struct KeptReply(int Problem, int Sample, LedgerKey Key, int Replies, int Right, string? Category, string? Answer, int FirstTurn, string? Id);
