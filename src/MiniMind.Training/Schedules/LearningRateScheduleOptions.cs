using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>A learning-rate schedule in numbers, as a configuration has it.</summary>
public sealed record LearningRateScheduleOptions
{
    /// <summary>The shape. Default <see cref="LearningRateScheduleKind.Cosine"/>.</summary>
    public LearningRateScheduleKind Kind { get; set; } = LearningRateScheduleKind.Cosine;

    /// <summary>The rate that the schedule is named after: the highest one, of a cosine the reference's <c>lr</c>, whose peak is 1.1 times as high. Default 5e-4.</summary>
    public double LearningRate { get; set; } = 5e-4;

    /// <summary>Steps (micro-batches) of a linear rise at the beginning. Default 0.</summary>
    public long WarmupSteps { get; set; }

    /// <summary>Where the rate ends. <see langword="null"/> (default): a tenth of <see cref="LearningRate"/> for a cosine, as in the reference, otherwise 0. A constant schedule has
    /// none.</summary>
    public double? Floor { get; set; }

    /// <summary>The highest rate of a cosine. <see langword="null"/> (default): floor and <see cref="LearningRate"/> together, as in the reference. Only a cosine has one.</summary>
    public double? Peak { get; set; }

    /// <summary>The last part of a run in which <see cref="LearningRateScheduleKind.WarmupStableDecay"/> falls. Default 0.1.</summary>
    public double DecayShare { get; set; } = 0.1;

    /// <summary>The schedule.</summary>
    /// <returns>A schedule of the class that <see cref="Kind"/> names.</returns>
    /// <exception cref="OptionsValidationException">Values are out of range; all are named.</exception>
    public ILearningRateSchedule CreateSchedule()
    {
        Validate();
        return Kind switch
        {
            LearningRateScheduleKind.Constant => new ConstantSchedule(LearningRate, WarmupSteps),
            LearningRateScheduleKind.Linear => new LinearSchedule(LearningRate, WarmupSteps, Floor ?? 0),
            LearningRateScheduleKind.WarmupStableDecay => new WarmupStableDecaySchedule(LearningRate, WarmupSteps, DecayShare, Floor ?? 0),
            _ => new CosineSchedule(LearningRate, WarmupSteps, Peak, Floor),
        };
    }

    /// <summary>Checks all values.</summary>
    /// <exception cref="OptionsValidationException">Names every value out of range.</exception>
    public void Validate()
    {
        var highest = Kind == LearningRateScheduleKind.Cosine ? Peak ?? (Floor ?? LearningRate / 10) + LearningRate : LearningRate;
        new OptionsFaults(typeof(LearningRateScheduleOptions))
            .Require(Enum.IsDefined(Kind), Kind, $"one of {string.Join(", ", Enum.GetNames<LearningRateScheduleKind>())}")
            .Require(LearningRate > 0 && double.IsFinite(LearningRate), LearningRate, "a positive number")
            .Require(WarmupSteps >= 0, WarmupSteps, "zero or more")
            .Require(Floor is null || (Floor >= 0 && double.IsFinite(Floor.Value) && Floor <= highest && Kind != LearningRateScheduleKind.Constant), Floor, "zero or more, at most the highest rate, and nothing for a constant schedule")
            .Require(Peak is null || (double.IsFinite(Peak.Value) && Peak > 0 && Kind == LearningRateScheduleKind.Cosine), Peak, "a positive number, and nothing but for a cosine")
            .Require(DecayShare > 0 && DecayShare <= 1, DecayShare, "above 0 and at most 1")
            .ThrowIfAny();
    }
}
