// Asks a teacher that speaks OpenAI's protocol (OpenAI, OpenRouter, vLLM, Ollama, llama.cpp's server) for written reasoning and makes training data of it:
//   dotnet run -c Release --project samples/Harvest -- --teacher http://localhost:11434/v1 --teacher-model qwen3:8b --problems problems.jsonl --out out/harvest
// Run it again to go on where it stopped. --dry-run asks for the first twenty problems only and estimates the rest.
using MiniMind.Samples.Harvest;

return await HarvestJob.RunAsync(args, Console.Out, Console.Error);
