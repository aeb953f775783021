using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.Training;

/// <summary>AdamW on one flat buffer, by libtorch's fused kernel: one pass over memory instead of one an operation.</summary>
internal sealed class AdamW : IDisposable
{
    /// <summary>TorchSharp does not expose the kernel; TorchScript does. The lists must be variables, or the call counts as dead code.</summary>
    private const string Source = """
        def step(weights: Tensor, gradients: Tensor, mean: Tensor, variance: Tensor, count: Tensor, divisor: Tensor,
                 lr: float, beta1: float, beta2: float, decay: float, eps: float) -> Tensor:
            weight_list = [weights]
            gradient_list = [gradients]
            mean_list = [mean]
            variance_list = [variance]
            count_list = [count]
            none: List[Tensor] = []
            torch._fused_adamw_(weight_list, gradient_list, mean_list, variance_list, none, count_list, lr=lr, beta1=beta1, beta2=beta2,
                                weight_decay=decay, eps=eps, amsgrad=False, maximize=False, grad_scale=divisor)
            return weight_list[0]

        """;

    private static readonly Lazy<jit.CompilationUnit> Kernel = new(() => jit.compile(Source));

    private readonly AdamWOptions _options;
    private readonly FlatParameters _parameters;
    private readonly Tensor _count;
    private readonly Tensor _one;

    public AdamW(FlatParameters parameters, AdamWOptions options)
    {
        (_parameters, _options) = (parameters, options);
        Mean = zeros_like(parameters.Weights).DetachFromDisposeScope();
        Variance = zeros_like(parameters.Weights).DetachFromDisposeScope();
        _count = zeros([], ScalarType.Float32, parameters.Weights.device).DetachFromDisposeScope();
        _one = ones_like(_count).DetachFromDisposeScope();
    }

    /// <summary>Running mean of the gradient, <c>[P]</c>.</summary>
    public Tensor Mean { get; }

    /// <summary>Running mean of the squared gradient, <c>[P]</c>.</summary>
    public Tensor Variance { get; }

    /// <summary>Steps taken.</summary>
    public long StepCount { get; set; }

    /// <param name="learningRate">The rate.</param>
    /// <param name="gradientDivisor">A scalar on the weights' device that the gradients are divided by first, or none.</param>
    public void Step(double learningRate, Tensor? gradientDivisor = null)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        StepCount++;
        _count.fill_((float)StepCount);
        Kernel.Value.invoke(
            "step",
            _parameters.Weights,
            _parameters.Gradients,
            Mean,
            Variance,
            _count,
            gradientDivisor ?? _one,
            learningRate,
            _options.Beta1,
            _options.Beta2,
            _options.WeightDecay,
            _options.Epsilon);
    }

    public void Dispose()
    {
        Mean.Dispose();
        Variance.Dispose();
        _count.Dispose();
        _one.Dispose();
    }
}
