using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>AdamW on one flat buffer, by libtorch's fused kernel: one pass over memory instead of one an operation.</summary>
internal sealed class AdamW : IOptimizer
{
    /// <summary>TorchSharp does not expose the kernel; TorchScript does. The lists must be variables, or the call counts as dead code.</summary>
    private const string Source = """
        def step(weights: Tensor, gradients: Tensor, mean: Tensor, variance: Tensor, count: Tensor, divisor: Tensor, skips: Tensor,
                 lr: float, beta1: float, beta2: float, decay: float, eps: float) -> Tensor:
            weight_list = [weights]
            gradient_list = [gradients]
            mean_list = [mean]
            variance_list = [variance]
            count_list = [count]
            none: List[Tensor] = []
            torch._fused_adamw_(weight_list, gradient_list, mean_list, variance_list, none, count_list, lr=lr, beta1=beta1, beta2=beta2,
                                weight_decay=decay, eps=eps, amsgrad=False, maximize=False, grad_scale=divisor, found_inf=skips)
            return weight_list[0]

        """;

    private static readonly Lazy<jit.CompilationUnit> Kernel = new(() => jit.compile(Source));

    private readonly AdamWOptions _options;
    private readonly FlatParameters _parameters;
    private readonly Tensor _mean;
    private readonly Tensor _variance;
    private readonly Tensor _count;
    private readonly Tensor _one;
    private readonly Tensor _zero;

    public AdamW(FlatParameters parameters, AdamWOptions options)
    {
        (_parameters, _options) = (parameters, options);
        _mean = zeros_like(parameters.Weights).DetachFromDisposeScope();
        _variance = zeros_like(parameters.Weights).DetachFromDisposeScope();
        _count = zeros([], ScalarType.Float32, parameters.Weights.device).DetachFromDisposeScope();
        _one = ones_like(_count).DetachFromDisposeScope();
        _zero = zeros_like(_count).DetachFromDisposeScope();
        Buffers = new Dictionary<string, Tensor> { ["exp_avg"] = _mean, ["exp_avg_sq"] = _variance };
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Buffers { get; }

    /// <inheritdoc/>
    public long StepCount
    {
        get => (long)_count.item<float>();
        set => _count.FillInPlace(value);
    }

    /// <inheritdoc/>
    public void Step(double learningRate, Tensor? gradientDivisor = null, Tensor? skips = null)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        _count.AddInPlace(skips is null ? _one : _one - skips);
        // Of a plain number TorchSharp hands over a scalar that the garbage collector may free before the call reads it.
        using Scalar rate = learningRate, beta1 = _options.Beta1, beta2 = _options.Beta2, decay = _options.WeightDecay, epsilon = _options.Epsilon;
        Kernel.Value.invoke(
            "step",
            _parameters.Weights,
            _parameters.Gradients,
            _mean,
            _variance,
            _count,
            gradientDivisor ?? _one,
            skips ?? _zero,
            rate,
            beta1,
            beta2,
            decay,
            epsilon);
    }

    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[_mean, _variance, _count, _one, _zero])
            tensor.Dispose();
    }
}
