// A chat in the terminal: dotnet run -c Release --project samples/Chat -- --model out/reason-distill
// Commands: /reset forgets the conversation, /think on|off switches thinking, /exit ends. Ctrl-C stops an answer, not the program.
using System.CommandLine;
using MiniMind;
using MiniMind.Samples.Chat;

var model = new Option<string>("--model") { Required = true, Description = "directory with config.json, model.safetensors and the tokenizer" };
var system = new Option<string?>("--system") { Description = "system turn" };
var temperature = new Option<double>("--temperature") { DefaultValueFactory = _ => 0, Description = "0 for greedy" };
var maxTokens = new Option<int>("--max-new-tokens") { DefaultValueFactory = _ => 512, Description = "longest answer" };
var command = new RootCommand("Chats with a MiniMind model.") { model, system, temperature, maxTokens };
command.SetAction(async parsed =>
{
    try
    {
        var directory = parsed.GetValue(model)!;
        using var student = ModelWeights.LoadModel(directory);
        var options = new GenerationOptions { Temperature = parsed.GetValue(temperature), TopP = 0.9, MaxNewTokens = parsed.GetValue(maxTokens) };
        options.Validate();
        using var chat = new ChatSession(student, MiniMindTokenizer.FromDirectory(directory), options, parsed.GetValue(system));
        await chat.RunAsync();
        return 0;
    }
    catch (Exception e) when (e is MiniMindException or ArgumentException or IOException)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
});
// The library would end the program on Ctrl-C; here it ends the answer.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
