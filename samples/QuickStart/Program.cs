using MiniMind;
using MiniMind.Training;

Conversation[] lessons = [.. Enumerable.Range(0, 400).Select(i => new Conversation([
    new ChatTurn("user", $"What is {i} + {i}?"),
    new ChatTurn("assistant", $"<think>\n{i} + {i} = {i + i}\n</think>\n<answer>\n{i + i}\n</answer>")]))];

var tokenizer = new BpeTrainer(new() { VocabSize = 320 }).Train(lessons.SelectMany(l => l.Turns).Select(t => t.Content));
using var dataset = SftDataset.FromConversations(lessons, tokenizer); // or SftDataset.Open("reasoning.jsonl", tokenizer)
using var model = new MiniMindLM(new() { Dim = 128, NLayers = 2, NHeads = 4, VocabSize = tokenizer.VocabSize });

var options = new ReasonDistillOptions { Sampling = { BatchSize = 8, Order = SampleOrder.Shuffled } };
await using var trainer = new ReasonDistillTrainer(
    model, dataset, new WeightedTagLoss(tokenizer), new CosineSchedule(2e-3), options, [new ConsoleProgress(stepInterval: 10)]);
await trainer.RunEpochAsync();

model.SaveModel("student");
tokenizer.Save("student");
