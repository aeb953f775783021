// Measures whole runs; every verb but `parts` prints name=value lines:
//   dotnet run -c Release --project benchmarks/MiniMind.Benchmarks -- train --dim 512 --layers 2 --batch 2 --seq 512 --threads 2 --precision fp32
using System.CommandLine;
using MiniMind.Benchmarks;

return await new RootCommand("Measures MiniMind for .NET on this machine.")
{
    CeilingBenchmark.Command(), TrainBenchmark.Command(), EpochBenchmark.Command(), DecodeBenchmark.Command(), EvaluateBenchmark.Command(), TokenizeBenchmark.Command(),
    CollateBenchmark.Command(), HarvestBenchmark.Command(), CurateBenchmark.Command(), RanksBenchmark.Command(), PartBenchmarks.Command(),
}.Parse(args).InvokeAsync();
