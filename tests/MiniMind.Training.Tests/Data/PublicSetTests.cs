namespace MiniMind.Training.Tests.Data;

/// <summary>Public data sets by their cards' columns, in files of three invented rows each: read as they are meant, or refused with the option that reads them.</summary>
public class PublicSetTests
{
    private const string Messages = """[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4"}]""";
    private const string Asked = "user: 2+2?; assistant: 4";
    private const string Thought = "user: 2+2?; assistant: 2+2=4 | 4";

    /// <summary>Read with the defaults.</summary>
    public static TheoryData<string, string, string> Read => new()
    {
        { "OpenR1-Math-220k", $$"""{"problem":"2+2?","solution":"It is 4","answer":"4","problem_type":"Algebra","uuid":"u","is_reasoning_complete":[true],"generations":["<think>x</think>4"],"correctness_count":1,"messages":{{Messages}}}""", Asked },
        { "NuminaMath-CoT", $$"""{"source":"amc","problem":"2+2?","solution":"4","messages":{{Messages}}}""", Asked },
        { "NuminaMath-TIR without messages", """{"problem":"2+2?","solution":"4"}""", Asked },
        { "ultrachat_200k", $$"""{"prompt":"2+2?","prompt_id":"p","messages":{{Messages}}}""", Asked },
        { "no_robots", $$"""{"prompt":"2+2?","prompt_id":"p","messages":{{Messages}},"category":"Math"}""", Asked },
        { "tulu-3-sft-mixture", $$"""{"id":"i","messages":{{Messages}},"source":"s"}""", Asked },
        { "smoltalk", $$"""{"messages":{{Messages}},"source":"s"}""", Asked },
        { "OpenOrca", """{"id":"i","system_prompt":"Be brief.","question":"2+2?","response":"4"}""", $"system: Be brief.; {Asked}" },
        { "OpenOrca without a system prompt", """{"id":"i","system_prompt":"","question":"2+2?","response":"4"}""", Asked },
        { "SlimOrca", """{"conversations":[{"from":"system","value":"Be brief.","weight":null},{"from":"human","value":"2+2?","weight":0.0},{"from":"gpt","value":"4","weight":1.0}]}""", $"system: Be brief.; {Asked}" },
        { "Infinity-Instruct", """{"id":1,"conversations":[{"from":"human","value":"2+2?"},{"from":"gpt","value":"4"}],"label":{"ability_en":["math"]},"langdetect":"en","source":"s"}""", Asked },
        { "Magpie", """{"uuid":"u","instruction":"2+2?","response":"4","conversations":[{"from":"human","value":"2+2?"},{"from":"gpt","value":"4"}],"gen_input_configs":{"temperature":1.0}}""", Asked },
        { "Bespoke-Stratos-17k", """{"system":"Think.","conversations":[{"from":"user","value":"2+2?"},{"from":"assistant","value":"<|begin_of_thought|>\n\n2+2=4\n\n<|end_of_thought|>\n\n<|begin_of_solution|>\n\n4\n\n<|end_of_solution|>"}]}""", $"system: Think.; {Thought}" },
        { "Mixture-of-Thoughts", """{"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"<think>\n2+2=4\n</think>\n4"}],"num_tokens":9,"source":"s"}""", "user: 2+2?; assistant: <think>\n2+2=4\n</think>\n4" },
        { "AM-DeepSeek-R1-Distilled", """{"messages":[{"role":"user","content":"2+2?","info":{"source":"s"}},{"role":"assistant","content":"<think>2+2=4</think><answer>4</answer>","info":{"think_content":"2+2=4","answer_content":"4"}}]}""", "user: 2+2?; assistant: <think>2+2=4</think><answer>4</answer>" },
        { "medical-o1-reasoning-SFT", """{"Question":"2+2?","Complex_CoT":"2+2=4","Response":"4"}""", Thought },
        { "MathInstruct", """{"source":"s","instruction":"2+2?","output":"4"}""", Asked },
        { "COIG-CQIA", """{"instruction":"2+2?","input":"","output":"4","task_type":{"major":["qa"]},"domain":["math"],"metadata":null,"answer_from":"human","human_verified":true}""", Asked },
        { "stanford_alpaca with its text", """{"instruction":"2+2?","input":"","output":"4","text":"### Instruction:\n2+2?"}""", Asked },
        { "school_math_0.25M", """{"instruction":"2+2?","input":"","output":"4"}""", Asked },
        { "OpenThoughts2-1M", """{"conversations":[{"from":"user","value":"2+2?"},{"from":"assistant","value":"4"}],"question":"2+2?","source":"s","id":3}""", Asked },
        { "ultrafeedback_binarized (sft)", $$"""{"prompt":"2+2?","prompt_id":"p","chosen":{{Messages}},"rejected":[],"messages":{{Messages}},"score_chosen":9.0}""", Asked },
    };

    /// <summary>Refused with the defaults, read with columns.</summary>
    public static TheoryData<string, string, string, DatasetColumns, string> Named => new()
    {
        { "s1K", """{"solution":"4.","question":"2+2?","cot_type":"math","source_type":"s","metadata":"{}","cot":null,"thinking_trajectories":["2+2=4"],"attempt":"4"}""", "Columns.Answer", new() { Answer = "attempt", Reasoning = "thinking_trajectories" }, Thought },
        { "s1K-1.1", """{"solution":"4.","question":"2+2?","gemini_thinking_trajectory":"2 and 2","gemini_attempt":"four","deepseek_thinking_trajectory":"2+2=4","deepseek_attempt":"4"}""", "Columns.Answer", new() { Answer = "deepseek_attempt", Reasoning = "deepseek_thinking_trajectory" }, Thought },
        { "LIMO", """{"question":"2+2?","solution":"2+2=4","answer":"4"}""", "Columns.Answer", new() { Answer = "answer", Reasoning = "solution" }, Thought },
        { "OpenMathReasoning", """{"expected_answer":"4","problem_type":"t","problem_source":"s","generation_model":"m","problem":"2+2?","generated_solution":"4","inference_mode":"cot"}""", "Columns.Answer", new() { Answer = "generated_solution" }, Asked },
        { "WildChat-1M", $$"""{"conversation_hash":"h","model":"m","timestamp":"t","conversation":{{Messages}},"turn":1,"language":"English"}""", "Columns.Turns", new() { Turns = "conversation" }, Asked },
        { "lmsys-chat-1m", $$"""{"conversation_id":"c","model":"m","conversation":{{Messages}},"turn":1,"language":"English","openai_moderation":[],"redacted":false}""", "Columns.Turns", new() { Turns = "conversation" }, Asked },
        { "LIMA", """{"conversations":["2+2?","4"],"source":"s"}""", "turn 1 is a string", new() { Turns = "conversations" }, Asked },
        { "Llama-Nemotron-Post-Training", """{"input":[{"role":"user","content":"2+2?"}],"output":"4","category":"math","license":"l","reasoning":"off","generator":"g","used_in_training":"yes","system_prompt":"detailed thinking off"}""", "Columns.", new() { Turns = "input", Answer = "output", Reasoning = "" }, $"system: detailed thinking off; {Asked}" },
        { "dolphin-r1", """{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"2+2?"}],"reasoning":"2+2=4","answer":"4","model":"m"}""", "Columns.", new() { Turns = "messages", Answer = "answer", Reasoning = "reasoning" }, $"system: Be brief.; {Thought}" },
        { "AQuA-RAT", """{"question":"2+2?","options":["A)4"],"rationale":"2+2=4","correct":"4"}""", "Columns", new() { Answer = "correct" }, Thought },
        { "CodeFeedback-Filtered", """{"query":"2+2?","answer":"4","resource":"r","lang":"python"}""", "", new(), Asked },
        { "Chinese-DeepSeek-R1-Distill", """{"input":"2+2?","reasoning_content":"2+2=4","content":"4","repo_name":"r","prompt_tokens_len":4,"score":10}""", "Columns", new() { Question = "input", Answer = "content" }, Thought },
        { "stack-exchange-paired", """{"qid":1,"question":"2+2?","date":"d","metadata":[],"response_j":"4","response_k":"5"}""", "no answer is there", new() { Answer = "response_j" }, Asked },
        { "xlam-function-calling-60k's answers", """{"query":"2+2?","id":0,"answers":"[]","tools":"[]"}""", "no answer is there", new() { Answer = "answers" }, "user: 2+2?; assistant: []" },
    };

    /// <summary>Refused, because they hold nothing that is learned here.</summary>
    public static TheoryData<string, string, string> Refused => new()
    {
        { "hh-rlhf", """{"chosen":"\n\nHuman: 2+2?\n\nAssistant: 4","rejected":"\n\nHuman: 2+2?\n\nAssistant: 5"}""", "pairs of a better and a worse reply, which are not learned as pairs" },
        { "orca_dpo_pairs", """{"system":"","question":"2+2?","chosen":"4","rejected":"5"}""", "pairs of a better and a worse reply" },
        { "openassistant-guanaco", """{"text":"### Human: 2+2?### Assistant: 4"}""", "text without a question is not learned" },
        { "fineweb", """{"text":"Two and two.","id":"i","dump":"d","url":"u","language":"en","token_count":4}""", "text without a question is not learned" },
        { "MiniMind's pretrain_hq", """{"text":"<|im_start|>2+2=4<|im_end|>"}""", "text without a question is not learned" },
        { "squad", """{"id":"i","title":"t","context":"c","question":"2+2?","answers":{"text":["4"],"answer_start":[0]}}""", "no answer is there, only \"id\", \"title\", \"context\", \"question\", \"answers\"" },
        { "oasst1's tree of messages", """{"message_id":"m","parent_id":null,"text":"2+2?","role":"prompter","lang":"en"}""", "no question is there" },
        { "Capybara's pairs", """{"source":"s","conversation":[{"input":"2+2?","output":"4"}]}""", "no question is there, only \"source\", \"conversation\"; expected turns" },
    };

    [Theory]
    [MemberData(nameof(Read))]
    public void A_public_set_is_read_as_it_is_meant(string set, string row, string expected) => AssertReads(set, row, new DatasetColumns(), expected);

    [Theory]
    [MemberData(nameof(Named))]
    public void A_public_set_that_needs_columns_says_so_and_is_read_with_them(string set, string row, string problem, DatasetColumns columns, string expected)
    {
        if (problem.Length > 0)
            AssertRefuses(set, row, problem);
        AssertReads(set, row, columns, expected);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_public_set_that_is_not_learned_from_is_refused(string set, string row, string problem) => AssertRefuses(set, row, problem);

    private static void AssertReads(string set, string row, DatasetColumns columns, string expected)
    {
        using var file = new TemporaryFile($"{row}\n{row}\n{row}\n");
        var found = new ConversationReader(new ConversationReaderOptions { Columns = columns }).Read(file.Name).Select(c => ShownTurns.Of(c.Turns)).ToList();

        Assert.Equal(3, found.Count);
        Assert.All(found, turns => Assert.True(expected == turns, $"{set}: {turns}"));
        using var dataset = TestChat.Open(file.Name, new SftDatasetOptions { Columns = columns, MaxLength = 500 });
        Assert.Equal(3, dataset.Count);
    }

    private static void AssertRefuses(string set, string row, string problem)
    {
        using var file = new TemporaryFile($"{row}\n{row}\n{row}\n");
        var message = Assert.Throws<DatasetException>(() => TestChat.Open(file.Name)).Message;

        Assert.True(message.StartsWith($"{file.Name}(1): ", StringComparison.Ordinal) && message.Contains(problem, StringComparison.Ordinal), $"{set}: {message}");
    }
}
