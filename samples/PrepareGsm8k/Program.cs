// Turns GSM8K (lines of {"question", "answer"}, the answer's last line "#### N") into the seed's conversations:
//   dotnet run --project samples/PrepareGsm8k -- train.jsonl gsm8k_reason.jsonl
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using MiniMind;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: PrepareGsm8k INPUT.jsonl OUTPUT.jsonl");
    return 2;
}

var json = new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
var (count, temporary) = (0, args[1] + ".tmp");
using (var output = new StreamWriter(temporary) { NewLine = "\n" })
{
    foreach (var line in File.ReadLines(args[0]))
    {
        count++;
        using var problem = JsonDocument.Parse(line);
        var solution = problem.RootElement.GetProperty("answer").GetString()!;
        var parts = solution.Split("\n#### ");
        if (parts.Length != 2)
        {
            Console.Error.WriteLine($"{args[0]}({count}): the answer has no last line '#### N'");
            File.Delete(temporary);
            return 1;
        }

        // <<48/2=24>> are GSM8K's notes for a calculator; a student should read the sentence only.
        var reasoning = CalculatorNotes().Replace(parts[0], string.Empty);
        var reply = ReasoningReply.Compose(reasoning.Trim(), parts[1].Trim());
        object[] conversations =
        [
            new { role = "user", content = problem.RootElement.GetProperty("question").GetString()!.Trim() },
            new { role = "assistant", content = reply },
        ];
        output.WriteLine(JsonSerializer.Serialize(new { conversations }, json));
    }
}

File.Move(temporary, args[1], overwrite: true);
Console.WriteLine($"{count} conversations in {args[1]}");
return 0;

internal static partial class Program
{
    [GeneratedRegex("<<[^>]*>>")]
    private static partial Regex CalculatorNotes();
}
