// A language model teaches a smaller one, all in this process: llama.cpp runs the teacher, and the student learns from its written reasoning alone.
//   dotnet run -c Release --project samples/LanguageModelTeacher [-- FOLDER]
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using MiniMind;
using MiniMind.Extensions.AI;
using MiniMind.Samples;
using MiniMind.Samples.LanguageModelTeacher;
using MiniMind.Training;

const int Taught = 9000;
const int Asked = 2000;
const int Examined = 300;

TorchRuntime.KeepFreedMemory();
TorchRuntime.LimitSpinning();
var folder = args.Length > 0 ? args[0] : "out/language-model-teacher";
Directory.CreateDirectory(folder);
var time = Stopwatch.StartNew();
var phases = new Phases();

// No problem occurs twice: the teacher learns from the first, is asked about the next, and both are examined on the last.
var problems = new WordProblemWriter(seed: 1337).Write(Taught + Asked + Examined);
var solved = problems.Take(Taught).Select(p => new Conversation([new ChatTurn("user", p.Question), new ChatTurn("assistant", p.Reply)])).ToList();
var asked = problems.Skip(Taught).Take(Asked).Select(p => new HarvestProblem(p.Question, p.Answer));
var examined = problems.Skip(Taught + Asked).Select(p => new ReasoningProblem([new ChatTurn("user", p.Question)], p.Answer)).ToList();

phases.Begin("a teacher is made");
var file = Path.Combine(folder, "teacher.gguf");
MiniMindTokenizer tokenizer;
using (var made = await Learner.TrainAsync(solved, dim: 256, epochs: 2, learningRate: 1e-3))
{
    made.Model.SaveGguf(file, made.Tokenizer);
    tokenizer = made.Tokenizer;
}

phases.Begin("llama.cpp runs it, and it is asked");
using var teacher = new LlamaTeacher(file, tokenizer.ChatTemplate).UseReasoningFromText();
var greedy = new ChatOptions { Temperature = 0, MaxOutputTokens = 64 };
var harvester = new ReasoningHarvester(teacher, new HarvestOptions { Directory = Path.Combine(folder, "harvest"), Chat = greedy, Concurrency = 1 });
var report = await harvester.RunAsync(asked.ToAsyncEnumerable(), Verifiers.All(new AnswerVerifier(), new StepsVerifier()));
var counts = report.Counts;
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"asked {counts.Asked}, kept {counts.Kept}: {string.Join(", ", counts.Rejections.Select(r => $"{r.Value} {r.Key}"))}"));

phases.Begin("a student of half its width learns from its replies");
var lessons = new ConversationReader().Read(report.TrainingFile).ToList();
using var learned = await Learner.TrainAsync(lessons, dim: 128, epochs: 8, learningRate: 2e-3);
learned.Model.SaveModel(Path.Combine(folder, "student"));
learned.Tokenizer.Save(Path.Combine(folder, "student"));

phases.Begin("both are examined on problems that neither has seen");
using var student = new MiniMindChatClient(learned.Model, learned.Tokenizer);
var examination = new ChatClientEvaluator(examined, new ChatClientEvaluatorOptions { Chat = greedy, Tokenizer = tokenizer });
var teachers = await examination.EvaluateAsync(teacher);
var students = await examination.EvaluateAsync(student);
Console.WriteLine(new EvaluationTable().Add("teacher", teachers).Add("student", students));
phases.End();

Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"result: teacher_accuracy={teachers.Accuracy:F3} student_accuracy={students.Accuracy:F3} asked={counts.Asked} kept={counts.Kept} teacher_tokens={counts.InputTokens + counts.OutputTokens} seconds={time.Elapsed.TotalSeconds:F1}"));
