namespace MiniMind;

/// <summary>How a model's weights are named and laid out in files.</summary>
public enum WeightNaming
{
    /// <summary>As in the reference of early 2025: <c>layers.0.attention.wq.weight</c>, rotary positions on adjacent pairs. The configuration has
    /// the reference's keys.</summary>
    Reference,

    /// <summary>As in Hugging Face's transformers, MiniMind2 and minimind-3: <c>model.layers.0.self_attn.q_proj.weight</c>, rotary positions on
    /// the halves of a head. The configuration has Hugging Face's keys.</summary>
    HuggingFace,
}
