using System.Text.Json.Serialization;

namespace MiniMind.Training;

/// <summary>How a cache of token ids notes what was left out.</summary>
[JsonSerializable(typeof(TokenCache.Skipped))]
internal sealed partial class TokenCacheJson : JsonSerializerContext;
