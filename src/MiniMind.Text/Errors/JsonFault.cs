using System.Text.Json;

namespace MiniMind;

/// <summary>How System.Text.Json complains about a text.</summary>
internal static class JsonFault
{
    /// <summary>Whether an exception says that the text is not the JSON that was expected. Besides <see cref="JsonException"/> the reader throws
    /// <see cref="InvalidOperationException"/>, for a value of another kind and for an escape sequence that spells half a surrogate pair.</summary>
    public static bool Is(Exception exception) => exception is JsonException or InvalidOperationException;
}
