using System.Globalization;

namespace MiniMind.Benchmarks;

/// <summary>The lines a benchmark prints.</summary>
internal static class Figure
{
    public static void Print(string name, double value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}={value:G5}"));
}
