using System.Diagnostics;

namespace MiniMind.Inference.Tests.Threads;

public class WorkerTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_part_of_every_phase_is_done_once_and_phases_come_one_after_the_other(int threads)
    {
        using var team = new WorkerTeam(threads, 80);
        var (parts, open, faults) = (new int[40], 0, 0);
        void Work(int worker)
        {
            for (var phase = 0; phase < parts.Length; phase++)
            {
                if (Volatile.Read(ref open) != phase)
                    Interlocked.Increment(ref faults);
                for (int part; (part = team.Take(phase * 2)) < 7;)
                    Interlocked.Increment(ref parts[phase]);
                team.Meet(phase * 2);
                if (worker == 0)
                    Volatile.Write(ref open, phase + 1);
                team.Meet((phase * 2) + 1);
            }
        }

        for (var round = 0; round < 200; round++)
        {
            Array.Clear(parts);
            open = 0;
            team.Run(Work);
            Assert.All(parts, p => Assert.Equal(7, p));
        }

        Assert.Equal(0, faults);
    }

    [Fact]
    public void A_team_without_work_uses_no_processor()
    {
        using var team = new WorkerTeam(4, 1);
        team.Run(_ => team.Meet(0));
        Thread.Sleep(50);
        var process = Process.GetCurrentProcess();
        var (before, watch) = (process.TotalProcessorTime, Stopwatch.StartNew());
        Thread.Sleep(500);
        process.Refresh();

        Assert.InRange((process.TotalProcessorTime - before) / watch.Elapsed, 0, 1.5);
    }
}
