namespace MiniMind;

/// <summary>How a repetition penalty changes the logit of a token that has occurred.</summary>
public enum RepetitionPenaltyForm
{
    /// <summary>Divides it, whatever its sign, as the reference does: negative logits become more likely.</summary>
    Reference,

    /// <summary>Divides it if positive, multiplies it if negative (Keskar et al. 2019), so that it always becomes less likely.</summary>
    Standard,
}
