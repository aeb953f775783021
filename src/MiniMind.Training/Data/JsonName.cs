using System.Text.Json;

namespace MiniMind.Training;

/// <summary>Compares the name of a property, which may be no text: such a name is none that is read.</summary>
internal static class JsonName
{
    /// <summary>Whether the reader stands at this name.</summary>
    public static bool Is(ref Utf8JsonReader reader, string name)
    {
        if (!reader.ValueIsEscaped)
            return reader.ValueTextEquals(name);
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
