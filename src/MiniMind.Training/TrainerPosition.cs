namespace MiniMind.Training;

/// <summary>What comes next: the epoch, its next batch, and the run's next step.</summary>
internal readonly record struct TrainerPosition(int Epoch, int Batch, long Step);
