namespace MiniMind.Inference;

/// <summary>Rotary position embedding (Su et al. 2021), on adjacent pairs or on the halves of a head.</summary>
internal static unsafe class RotaryFrequencies
{
    /// <summary>Angles of a step from one position to the next, one for each pair of a head, and what all factors are multiplied by.</summary>
    public static (float[] Frequencies, float Factor) Of(LMConfig config)
    {
        var head = config.ResolvedHeadDim;
        var scaling = config.ActiveRopeScaling;
        var divisors = scaling?.Divisors(head, config.RopeTheta);
        var frequencies = new float[head / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            frequencies[i] = 1 / MathF.Pow((float)config.RopeTheta, 2f * i / head);
            if (divisors is not null)
                frequencies[i] /= (float)divisors[i];
        }

        return (frequencies, scaling?.Type == RopeScalingType.Yarn ? (float)scaling.AttentionFactor : 1);
    }

    /// <summary>Cosines, then sines, of a position.</summary>
    public static void Factors(float[] frequencies, float factor, int position, float* to)
    {
        for (var i = 0; i < frequencies.Length; i++)
        {
            var (sine, cosine) = MathF.SinCos(position * frequencies[i]);
            (to[i], to[frequencies.Length + i]) = (cosine * factor, sine * factor);
        }
    }

    /// <summary>Turns a head's pairs.</summary>
    public static void Rotate(float* x, float* factors, int head, bool halves)
    {
        var pairs = head / 2;
        for (var i = 0; i < pairs; i++)
        {
            var (first, second) = halves ? (i, i + pairs) : (2 * i, (2 * i) + 1);
            var (a, b, cosine, sine) = (x[first], x[second], factors[i], factors[pairs + i]);
            (x[first], x[second]) = ((a * cosine) - (b * sine), (a * sine) + (b * cosine));
        }
    }
}
