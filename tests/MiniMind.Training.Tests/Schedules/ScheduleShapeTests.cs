using CsCheck;

namespace MiniMind.Training.Tests;

public sealed class ScheduleShapeTests
{
    [Fact]
    public void A_constant_schedule_rises_and_stays()
    {
        var schedule = new ConstantSchedule(1e-3, warmupSteps: 4);

        Rates(schedule, 100, (0, 2.5e-4), (1, 5e-4), (3, 1e-3), (4, 1e-3), (50, 1e-3), (99, 1e-3));
        Rates(new ConstantSchedule(1e-3), 100, (0, 1e-3), (99, 1e-3));
    }

    [Fact]
    public void A_linear_schedule_rises_and_falls_to_its_floor()
    {
        var schedule = new LinearSchedule(1e-3, warmupSteps: 10, floor: 1e-4);

        Rates(schedule, 110, (0, 1e-4), (9, 1e-3), (10, 1e-3), (60, 5.5e-4), (109, 1.09e-4), (110, 1e-4), (500, 1e-4));
        Rates(new LinearSchedule(1e-3), 100, (0, 1e-3), (50, 5e-4), (99, 1e-5), (100, 0));
    }

    [Fact]
    public void A_stable_schedule_falls_in_its_last_part_only()
    {
        var schedule = new WarmupStableDecaySchedule(1e-3, warmupSteps: 10, decayShare: 0.2, floor: 1e-4);

        Rates(schedule, 100, (0, 1e-4), (9, 1e-3), (10, 1e-3), (50, 1e-3), (80, 1e-3), (90, 5.5e-4), (99, 1.45e-4), (100, 1e-4), (500, 1e-4));
        // The paper's tenth, and no rise.
        Rates(new WarmupStableDecaySchedule(1e-3), 100, (0, 1e-3), (90, 1e-3), (95, 5e-4), (99, 1e-4));
    }

    [Fact]
    public void No_rate_is_negative_or_above_the_highest_and_none_falls_while_it_rises()
    {
        Gen.Select(Gen.Double[1e-6, 1], Gen.Double[0, 1], Gen.Double[0.001, 1], Gen.Long[0, 60], Gen.Long[1, 200], Gen.Enum<LearningRateScheduleKind>())
            .Sample((rate, floorShare, decayShare, warmup, total, kind) =>
            {
                var options = new LearningRateScheduleOptions
                {
                    Kind = kind,
                    LearningRate = rate,
                    WarmupSteps = warmup,
                    Floor = kind == LearningRateScheduleKind.Constant ? null : rate * floorShare,
                    DecayShare = decayShare,
                };
                var highest = kind == LearningRateScheduleKind.Cosine ? (rate * floorShare) + rate : rate;
                var schedule = options.CreateSchedule();
                var rates = Enumerable.Range(0, (int)total + 1).Select(step => schedule.GetLearningRate(step, total)).ToList();
                var rise = (int)Math.Min(warmup, total);
                // A rounding of the last digit is none of the schedule's.
                return rates.All(r => r >= 0 && r <= highest * (1 + 1e-12))
                    && rates.Take(rise).Zip(rates.Take(rise).Skip(1)).All(p => p.First < p.Second)
                    && rates.Skip(rise).Zip(rates.Skip(rise + 1)).All(p => p.Second <= p.First * (1 + 1e-12));
            });
    }

    [Fact]
    public void Wrong_settings_and_steps_are_named()
    {
        Assert.Equal("learningRate", Fault(() => new ConstantSchedule(0)));
        Assert.Equal("warmupSteps", Fault(() => new ConstantSchedule(1, -1)));
        Assert.Equal("learningRate", Fault(() => new LinearSchedule(double.NaN)));
        Assert.Equal("floor", Fault(() => new LinearSchedule(1, floor: 2)));
        Assert.Equal("warmupSteps", Fault(() => new LinearSchedule(1, -1)));
        Assert.Equal("floor", Fault(() => new WarmupStableDecaySchedule(1, floor: -1)));
        Assert.Equal("decayShare", Fault(() => new WarmupStableDecaySchedule(1, decayShare: 0)));
        Assert.Equal("decayShare", Fault(() => new WarmupStableDecaySchedule(1, decayShare: 1.01)));
        foreach (var schedule in (ILearningRateSchedule[])[new ConstantSchedule(1), new LinearSchedule(1), new WarmupStableDecaySchedule(1)])
        {
            Assert.Equal("currentStep", Fault(() => schedule.GetLearningRate(-1, 10)));
            Assert.Equal("totalSteps", Fault(() => schedule.GetLearningRate(0, 0)));
        }
    }

    private static string? Fault(Func<object> create) => Assert.Throws<ArgumentOutOfRangeException>(create).ParamName;

    private static void Rates(ILearningRateSchedule schedule, long total, params (long Step, double Rate)[] expected)
    {
        foreach (var (step, rate) in expected)
            Assert.Equal(rate, schedule.GetLearningRate(step, total), 1e-15);
    }
}
