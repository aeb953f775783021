namespace MiniMind;

/// <summary>What stands around a list of tools in a system turn, as Qwen's templates and MiniMind's have it.</summary>
internal static class ToolTexts
{
    public const string Introduction = "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
        + "You are provided with function signatures within <tools></tools> XML tags:\n<tools>";

    public const string Ending = "\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n"
        + "<tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>";
}
