using System.Text.Json.Serialization;

namespace MiniMind.Training;

/// <summary>Epochs of a run that visit the same examples, the first <paramref name="Examples"/> of the data set, on as many ranks: from one epoch on until the next
/// stretch begins.</summary>
/// <param name="FromEpoch">The first of these epochs, from 0.</param>
/// <param name="Examples">How many examples each of them visits.</param>
/// <param name="WorldSize">How many ranks shared them, or none for as many as the run has now.</param>
internal sealed record DataStretch(
    int FromEpoch,
    int Examples,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? WorldSize = null);
