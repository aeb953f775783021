// Measures whole runs; every verb prints name=value lines:
//   dotnet run -c Release --project benchmarks/MiniMind.Benchmarks -- train --dim 512 --layers 2 --batch 2 --seq 512 --threads 2 --precision fp32
using System.CommandLine;
using MiniMind.Benchmarks;

return await new RootCommand("Measures MiniMind for .NET on this machine.") { TrainBenchmark.Command(), DecodeBenchmark.Command() }.Parse(args).InvokeAsync();
