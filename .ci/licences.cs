// Reads a CycloneDX bill of materials and ends with 1 if a component's licence is none of those that were agreed to.
using System.Text.Json;

string[] agreed = ["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause"];
// Their packages of these versions name the licence by an address only; it is MIT.
string[] read = ["SkiaSharp", "SkiaSharp.NativeAssets.macOS", "SkiaSharp.NativeAssets.Win32"];

using var bill = JsonDocument.Parse(File.ReadAllText(args[0]));
var components = bill.RootElement.GetProperty("components").EnumerateArray().Where(c => !Name(c).StartsWith("MiniMind.", StringComparison.Ordinal)).ToList();
var faults = components.Where(c => !read.Contains(Name(c)) && !Licences(c).Any(agreed.Contains)).Select(c => $"{Name(c)}: {string.Join(", ", Licences(c))}").ToList();
foreach (var fault in faults)
    Console.WriteLine($"not agreed to: {fault}");
Console.WriteLine($"{components.Count} packages below ours, {faults.Count} with a licence that nobody has agreed to");
return faults.Count == 0 && components.Count > 10 ? 0 : 1;

static string Name(JsonElement component) => component.GetProperty("name").GetString()!;

static IEnumerable<string> Licences(JsonElement component) => !component.TryGetProperty("licenses", out var all) ? []
    : all.EnumerateArray().Select(l => !l.TryGetProperty("license", out var license) ? l.TryGetProperty("expression", out var e) ? e.GetString()! : "none"
        : license.TryGetProperty("id", out var id) ? id.GetString()! : license.GetProperty("name").GetString()!);
