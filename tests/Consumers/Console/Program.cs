// The program at the end of a solution: only it names libtorch.
var loss = await Lib.Doubling.TrainAsync(args[0], steps: 30);
Console.WriteLine(loss < 10 ? "console: trained" : $"console: the loss is still {loss}");
return loss < 10 ? 0 : 1;
