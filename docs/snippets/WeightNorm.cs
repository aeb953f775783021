using TorchSharp;

namespace MiniMind.Training.Snippets;

#region weight-norm
/// <summary>Reports the norm of all weights, whenever an evaluation is due.</summary>
public sealed class WeightNorm : ITrainingCallback
{
    public async ValueTask OnEvaluationDueAsync(EvaluationDueArguments arguments)
    {
        var control = arguments.Control;
        var norm = await control.ComputeAsync(() =>
        {
            using var scope = torch.NewDisposeScope();
            using var noGradients = torch.no_grad();
            return Math.Sqrt(control.Model.parameters().Sum(weight => (double)weight.square().sum().item<float>()));
        });
        await control.ReportMetricsAsync(new Dictionary<string, double> { ["weight_norm"] = norm }, arguments.CancellationToken);
    }
}
#endregion
