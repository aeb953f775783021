// The same in F#, with a callback of its own.
open System.Threading.Tasks
open MiniMind
open MiniMind.Training

let lessons =
    [| for i in 0..99 ->
        Conversation(
            [| ChatTurn("user", $"What is {i} + {i}?")
               ChatTurn("assistant", ReasoningReply.Compose($"{i} + {i} = {i + i}", $"{i + i}")) |]
        ) |]

let tokenizer =
    BpeTrainer(BpeTrainerOptions(VocabSize = 320)).Train(lessons |> Seq.collect _.Turns |> Seq.map _.Content)

type Counter() =
    member val Steps = 0 with get, set

    interface ITrainingCallback with
        member this.OnStepCompletedAsync(arguments) =
            this.Steps <- this.Steps + 1
            ValueTask.CompletedTask

task {
    use dataset = SftDataset.FromConversations(lessons, tokenizer)
    use model = new MiniMindLM(LMConfig(Dim = 64, NLayers = 2, NHeads = 4, VocabSize = tokenizer.VocabSize), 1L)
    let options = ReasonDistillOptions(Epochs = 2)
    options.Sampling.BatchSize <- 10
    let counter = Counter()

    use trainer =
        new ReasonDistillTrainer(model, dataset, WeightedTagLoss(tokenizer), CosineSchedule(2e-3), options, [| counter |])

    let! result = trainer.RunAsync()

    if counter.Steps <> 20 || result.LastLoss.Value >= result.FirstLoss.Value then
        failwith $"{counter.Steps} steps, {result.FirstLoss} to {result.LastLoss}"

    printfn "fsharp: trained"
}
|> _.GetAwaiter().GetResult()
