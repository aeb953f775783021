// MiniMind's notebook on reasoning distillation in C#: dim 512, 2 layers, batches of 2, one epoch. docs/from-the-notebook.md explains every step.
//   dotnet run -c Release --project samples/FromTheNotebook                          two small conversations that lie beside this file
//   dotnet run -c Release --project samples/FromTheNotebook -- DATA.jsonl            your data, and a tokenizer that is trained on them
//   dotnet run -c Release --project samples/FromTheNotebook -- DATA.jsonl TOKENIZER  your data, and a folder with a tokenizer, such as MiniMind's
using System.Globalization;
using MiniMind;
using MiniMind.Samples.FromTheNotebook;
using MiniMind.Training;

if (args.Length > 2)
{
    Console.Error.WriteLine("usage: FromTheNotebook [DATA.jsonl [TOKENIZER]]");
    return 2;
}

var data = args.Length > 0 ? args[0] : Path.Combine(AppContext.BaseDirectory, "conversations.jsonl");
if (args.Length == 0)
    Console.WriteLine("No data file was given: the two small conversations of this sample are used, so that the figures are not the notebook's.");

#region notebook-tokenizer
var tokenizer = args.Length > 1
    ? MiniMindTokenizer.FromDirectory(args[1])
    : new BpeTrainer(new() { VocabSize = 6400 }).Train(new ConversationReader().Read(data).SelectMany(c => c.Turns).Select(t => t.Content));
#endregion

var run = await NotebookRun.RunAsync(data, tokenizer, Console.Out);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"parameters={run.Parameters:F3}M rate={run.LearningRate:G6} loss={run.Loss:F3}"));
return 0;
