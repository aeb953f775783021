using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MiniMind.Extensions.AI;

/// <summary>How a ledger's lines are written.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(HarvestAttempt))]
[JsonSerializable(typeof(VerdictLine))]
internal sealed partial class LedgerJson : JsonSerializerContext
{
    /// <summary>The context to use; characters that JSON lets stand are not escaped.</summary>
    public static LedgerJson Lines => Relaxed.Context;

    /// <summary>Made when it is first used, because the generated default must be there before.</summary>
    private static class Relaxed
    {
        public static readonly LedgerJson Context = new(new JsonSerializerOptions(Default.Options!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
