using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MiniMind.Training;

/// <summary>How evaluations and their replies are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(FinishReasonConverter)])]
[JsonSerializable(typeof(ReasoningEvaluation))]
[JsonSerializable(typeof(EvaluatedReply))]
internal sealed partial class EvaluationJson : JsonSerializerContext
{
    /// <summary>For a file of one evaluation; characters that JSON lets stand are not escaped.</summary>
    public static EvaluationJson Document => Relaxed.Document;

    /// <summary>For files with one reply on each line.</summary>
    public static EvaluationJson Lines => Relaxed.Lines;

    /// <summary>Made when it is first used, because the generated default must be there before.</summary>
    private static class Relaxed
    {
        public static readonly EvaluationJson Lines = new(Options(isIndented: false));

        public static readonly EvaluationJson Document = new(Options(isIndented: true));

        private static JsonSerializerOptions Options(bool isIndented) =>
            new(Default.Options!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = isIndented };
    }

    private sealed class FinishReasonConverter() : JsonStringEnumConverter<FinishReason>(JsonNamingPolicy.SnakeCaseLower);
}
