namespace MiniMind;

/// <summary>The configuration that a GGUF file's keys tell, for the architectures that this library writes.</summary>
internal sealed class GgufConfig
{
    /// <summary>The tensor of rotary divisors that llama.cpp's llama has.</summary>
    public const string RotaryDivisors = "rope_freqs.weight";

    private readonly string _path;
    private readonly GgufHeader _header;
    private readonly string _architecture;
    private readonly List<string> _faults = [];

    private GgufConfig(string path, GgufHeader header)
    {
        (_path, _header) = (path, header);
        _architecture = header.Values.GetValueOrDefault("general.architecture") as string ?? string.Empty;
    }

    /// <param name="path">The file, for messages.</param>
    /// <param name="header">Its head.</param>
    /// <param name="divisors">Reads the rotary divisors.</param>
    /// <param name="isTied">Whether the output projection, which is there, has the embedding's values.</param>
    /// <exception cref="LMConfigException">The architecture is none of these, or a key is missing or asks for what is not computed.</exception>
    public static LMConfig Read(string path, GgufHeader header, Func<double[]> divisors, Func<bool> isTied)
    {
        var reader = new GgufConfig(path, header);
        var config = reader.Read(divisors, isTied);
        if (reader._faults.Count > 0)
            throw new LMConfigException(path, reader._faults);
        config.Validate(path);
        return config;
    }

    private LMConfig Read(Func<double[]> divisors, Func<bool> isTied)
    {
        if (_architecture is not ("llama" or "qwen3" or "qwen3moe" or "bailingmoe"))
            throw new LMConfigException(_path, [$"general.architecture is {MessageText.Quoted(_architecture)}; expected llama, qwen3, qwen3moe or bailingmoe"]);
        var experts = Integer("expert_count", 0);
        var config = new LMConfig
        {
            Dim = Integer("embedding_length"),
            NLayers = Integer("block_count"),
            NHeads = Integer("attention.head_count"),
            NKVHeads = Integer("attention.head_count_kv", Integer("attention.head_count", 0)),
            VocabSize = Vocabulary(),
            MaxSeqLen = Integer("context_length"),
            NormEps = Number("attention.layer_norm_rms_epsilon"),
            RopeTheta = Number("rope.freq_base", 1e4),
            QKNorm = _architecture.StartsWith("qwen3", StringComparison.Ordinal),
            UseMoe = experts > 0,
            UntiedOutput = _header.Tensors.ContainsKey("output.weight") && !(_architecture == "bailingmoe" && isTied()),
        };
        // A damaged file must not ask for more work than its tensors are worth.
        if (config.NLayers > _header.Tensors.Count)
            _faults.Add($"{Key("block_count")} is {config.NLayers}; expected at most the file's {_header.Tensors.Count} tensors");
        if (experts > 0 && (!_header.Tensors.TryGetValue("blk.0.ffn_gate_exps.weight", out var stacked) || stacked.Shape[0] != experts))
            _faults.Add($"{Key("expert_count")} is {experts}; expected as many as blk.0.ffn_gate_exps.weight has");
        if (_faults.Count > 0)
            return config;
        var head = Integer("attention.key_length", config.NHeads > 0 ? config.Dim / config.NHeads : 0);
        Require("attention.value_length", head);
        Require("rope.dimension_count", head);
        config = config with { HeadDim = config.NHeads > 0 && (long)head * config.NHeads == config.Dim ? null : head };
        config = config.UseMoe ? WithExperts(config, experts) : WithHidden(config, Integer("feed_forward_length"));
        return config with { RopeScaling = Scaling(config, divisors) };
    }

    private static LMConfig WithHidden(LMConfig config, int hidden) => config with { HiddenDim = config.ResolvedHiddenDim == hidden ? null : hidden };

    /// <summary>What balances the experts in training is not in the file and has its default.</summary>
    private LMConfig WithExperts(LMConfig config, int experts)
    {
        var isShared = _architecture == "bailingmoe";
        var perToken = Integer("expert_used_count");
        if (isShared)
            Require("expert_shared_count", 1);
        config = WithHidden(config, Integer("feed_forward_length"));
        var width = Integer("expert_feed_forward_length", config.ResolvedHiddenDim);
        var normalizes = !isShared || Value("expert_weights_norm") is true;
        return config with
        {
            NRoutedExperts = experts,
            NumExpertsPerTok = perToken,
            UseSharedExpert = isShared,
            NormTopkProb = normalizes,
            NormTop1Prob = normalizes && (perToken == 1 || config.QKNorm),
            MoeHiddenDim = width == config.ResolvedHiddenDim ? null : width,
        };
    }

    private RopeScaling? Scaling(LMConfig config, Func<double[]> divisors)
    {
        if (_header.Tensors.ContainsKey(RotaryDivisors))
            return ByDivisors(config, divisors());
        var type = Value("rope.scaling.type") as string;
        if (type is null or "none")
            return null;
        if (type == "linear")
            return new RopeScaling { Type = RopeScalingType.Linear, Factor = Number("rope.scaling.factor") };
        if (type != "yarn")
        {
            _faults.Add($"{Key("rope.scaling.type")} is {MessageText.Quoted(type)}; expected none, linear or yarn");
            return null;
        }

        var factor = Number("rope.scaling.factor");
        // llama.cpp multiplies by the paper's factor of its own accord.
        var attention = Number("rope.scaling.attn_factor", 1) * (1 + (0.1 * Math.Log(factor)));
        return new RopeScaling
        {
            Factor = factor,
            OriginalMaxSeqLen = Integer("rope.scaling.original_context_length"),
            AttentionFactor = Math.Round(attention, 6),
        };
    }

    /// <summary>The file has the divisors and not what they were computed from: the formulas of Llama 3, MiniMind and linear scaling are held against them.</summary>
    private RopeScaling? ByDivisors(LMConfig config, double[] divisors)
    {
        var largest = Math.Round(divisors.Max(), 4);
        RopeScaling[] candidates =
        [
            new() { Type = RopeScalingType.Linear, Factor = largest },
            new() { Factor = largest },
            .. ((int[])[8192, 2048, 4096]).Select(length => new RopeScaling { Type = RopeScalingType.Llama3, Factor = largest, OriginalMaxSeqLen = length }),
        ];
        var found = Array.Find(candidates, c => c.Divisors(config.ResolvedHeadDim, config.RopeTheta) is var computed
            && computed.Length == divisors.Length && computed.Zip(divisors).All(p => Math.Abs(p.First - p.Second) <= 1e-3 * p.First));
        if (found is null)
            _faults.Add($"{RotaryDivisors} holds divisors of no formula that is known here (Llama 3, MiniMind's YaRN, linear); expected one of these");
        return found;
    }

    private int Vocabulary() => _header.Tensors.TryGetValue("token_embd.weight", out var embedding) && embedding.Shape is [> 0 and <= int.MaxValue and var rows, _]
        ? (int)rows
        : Missing<int>("token_embd.weight", "a tensor of two dimensions");

    private void Require(string name, int expected)
    {
        if (Integer(name, expected) is var value && value != expected)
            _faults.Add($"{Key(name)} is {value}; expected {expected}");
    }

    private int Integer(string name, int? absent = null) => Value(name) switch
    {
        null => absent ?? Missing<int>(Key(name), "a whole number"),
        long and >= 0 and <= int.MaxValue and var value => (int)value,
        _ => Missing<int>(Key(name), "a whole number"),
    };

    private double Number(string name, double? absent = null) => Value(name) switch
    {
        null => absent ?? Missing<double>(Key(name), "a number"),
        double value => value,
        _ => Missing<double>(Key(name), "a number"),
    };

    private object? Value(string name) => _header.Values.GetValueOrDefault(Key(name));

    private string Key(string name) => $"{_architecture}.{name}";

    private T? Missing<T>(string key, string expected)
    {
        _faults.Add($"{key} is {(_header.Values.ContainsKey(key) ? "something else" : "missing")}; expected {expected}");
        return default;
    }
}
