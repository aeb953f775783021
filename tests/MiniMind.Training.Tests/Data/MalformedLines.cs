namespace MiniMind.Training.Tests;

/// <summary>Lines that must be refused, each with what is said about it.</summary>
internal static class MalformedLines
{
    private const string User = """{"role":"user","content":"q"}""";
    private const string Assistant = """{"role":"assistant","content":"a"}""";
    private const string System = """{"role":"system","content":"s"}""";

    public static TheoryData<string, string> All => new()
    {
        { "{", "bad JSON at byte 2 of the line: Expected depth to be zero at the end of the JSON payload" },
        { "nonsense", "bad JSON at byte 2 of the line: 'nonsense' is an invalid JSON literal" },
        { "{'conversations':[]}", "bad JSON at byte 2 of the line: ''' is an invalid start of a property name" },
        { $$"""{"conversations":[{{User}},{{Assistant}},]}""", "bad JSON at byte 84 of the line: The JSON array contains a trailing comma" },
        { $$"""{"conversations":[{{User}},{{Assistant}}]} {}""", "bad JSON at byte 86 of the line: '{' is invalid after a single JSON value" },
        { """{"conversations":[{"role":"user","content":"q""", "bad JSON at byte 46 of the line: Expected end of string, but instead reached" },
        { """{"conversations":[{"role":"user","content":"\x"}]}""", "bad JSON at byte 46 of the line: 'x' is an invalid escapable character" },
        { "{\"conversations\":[{\"role\":\"user\",\"content\":\"a\tb\"}]}", "bad JSON at byte 46 of the line: '0x09' is invalid" },
        { "\"text\"", "the line is a string; expected an object with \"conversations\"" },
        { "null", "the line is null; expected an object with \"conversations\"" },
        { "12", "the line is a number; expected an object with \"conversations\"" },
        { """{"conversation":[]}""", "no question is there, only \"conversation\"; expected turns (\"conversations\" or \"messages\"; Columns.Turns can name another list), or one column" },
        { """{"conversations":{}}""", "\"conversations\" is an object; expected an array of turns" },
        { """{"conversations":null}""", "\"conversations\" is null; expected an array of turns" },
        { """{"conversations":[]}""", "the conversation has no turns; expected at least a user turn and an assistant turn" },
        { $$"""{"conversations":[{{User}},{{Assistant}}],"conversations":[]}""", "\"conversations\" is given twice; expected it once" },
        { """{"conversations":["hi"]}""", "turn 1 is a string; expected an object with \"role\" and \"content\"" },
        { $$"""{"conversations":[{{User}},{"content":"a"}]}""", "turn 2 has no \"role\"; expected \"system\", \"user\" or \"assistant\"" },
        { $$"""{"conversations":[{{User}},{"role":"assistant"}]}""", "turn 2 has no \"content\"; expected a string" },
        { """{"conversations":[{"role":1,"content":"q"}]}""", "turn 1 has a \"role\" that is a number; expected a string" },
        { """{"conversations":[{"role":"user","content":null}]}""", "turn 1 has a \"content\" that is null; expected a string" },
        { """{"conversations":[{"role":"user","content":["q",7]}]}""", "turn 1 has a \"content\" whose part 2 is 7; expected text" },
        { """{"conversations":[{"role":"user","content":true}]}""", "turn 1 has a \"content\" that is a boolean; expected a string" },
        { """{"conversations":[{"role":"user","content":"q","reasoning_content":3}]}""", "turn 1 has a \"reasoning_content\" that is a number" },
        { """{"conversations":[{"role":"user","role":"user","content":"q"}]}""", "turn 1 has \"role\" twice; expected it once" },
        { """{"conversations":[{"role":"user","content":"q","content":"r"}]}""", "turn 1 has \"content\" twice; expected it once" },
        { """{"conversations":[{"role":"critic","content":"q"}]}""", "turn 1 has the unknown role \"critic\"; expected \"system\", \"user\" or" },
        { """{"conversations":[{"role":"User","content":"q"}]}""", "turn 1 has the unknown role \"User\"; expected \"system\", \"user\" or" },
        { $$"""{"conversations":[{{Assistant}}]}""", "turn 1 is the assistant's; expected the first turn to be the system's or the user's" },
        { $$"""{"conversations":[{{User}},{{User}},{{Assistant}}]}""", "turn 2 is a second user turn in a row; expected the assistant's" },
        { $$"""{"conversations":[{{User}},{{Assistant}},{{Assistant}}]}""", "turn 3 is a second assistant turn in a row; expected the user's" },
        { $$"""{"conversations":[{{User}},{{System}},{{Assistant}}]}""", "turn 2 is a system turn; expected the system turn first, or none" },
        { $$"""{"conversations":[{{System}},{{System}}]}""", "turn 2 is a system turn; expected the system turn first, or none" },
        { $$"""{"conversations":[{{System}},{{Assistant}}]}""", "turn 2 is the assistant's; expected a user turn after the system's" },
        { $$"""{"conversations":[{{System}}]}""", "the conversation ends with a system turn; expected an assistant turn last" },
        { $$"""{"conversations":[{{User}},{{Assistant}},{{User}}]}""", "the conversation ends with a user turn; expected an assistant turn last" },
        { """{"conversations":[{"role":"user","content":"\ud83d"}]}""", "the text at byte 44 of the line holds half a surrogate pair" },
    };
}
