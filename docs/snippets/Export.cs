using MiniMind.Inference;
using TorchSharp;

namespace MiniMind.Training.Snippets;

internal static class Export
{
    public static void Reference(MiniMindLM model, MiniMindTokenizer tokenizer)
    {
        #region export-safetensors
        model.SaveModel("student", new() { Tokenizer = tokenizer });
        #endregion
    }

    public static void HuggingFace(MiniMindLM model, MiniMindTokenizer tokenizer)
    {
        #region export-hugging-face
        model.SaveModel("student-hf", new()
        {
            Naming = WeightNaming.HuggingFace,
            DType = torch.ScalarType.BFloat16,
            Tokenizer = tokenizer,
        });
        #endregion
    }

    public static void Gguf(MiniMindLM model, MiniMindTokenizer tokenizer)
    {
        #region export-gguf
        model.SaveGguf("student.gguf", tokenizer, new() { Type = GgufType.Q8 });
        #endregion
    }

    public static async Task InferenceAsync()
    {
        #region export-inference
        using var model = InferenceModel.Load("student", new() { Weights = WeightFormat.BFloat16, Threads = 2 });
        using var generator = new TextGenerator(model, MiniMindTokenizer.FromDirectory("student"));
        await foreach (var piece in generator.StreamAsync([new ChatTurn("user", "What is 3 + 3?")]))
            Console.Write(piece);
        #endregion
    }

    public static void Checkpoint()
    {
        #region export-checkpoint
        using var model = ModelWeights.LoadModel("checkpoints/step-00000100");
        var tokenizer = MiniMindTokenizer.FromDirectory("checkpoints/step-00000100");
        model.SaveModel("student", new() { Tokenizer = tokenizer });
        #endregion
    }
}
