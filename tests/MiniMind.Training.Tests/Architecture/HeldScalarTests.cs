using System.Reflection;
using System.Reflection.Emit;
using TorchSharp;

namespace MiniMind.Training.Tests;

/// <summary>TorchSharp hands native code the handle of a <see cref="Scalar"/> and then forgets the object, which the garbage collector may free before the
/// number is read: the operation throws, or computes with another number. Seen in additions and in TorchScript calls. So no code of ours may make one that
/// it does not hold, nor call what makes one itself.</summary>
public class HeldScalarTests
{
    private const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>Runs TorchScript: it makes scalars of numbers only, and is given tensors and scalars here.</summary>
    private const string Script = "invoke";

    private static readonly OpCode[] Stores =
        [OpCodes.Stloc, OpCodes.Stloc_S, OpCodes.Stloc_0, OpCodes.Stloc_1, OpCodes.Stloc_2, OpCodes.Stloc_3, OpCodes.Stfld, OpCodes.Stsfld];

    [Fact]
    public void Every_number_given_to_libtorch_is_held_until_the_call_is_over()
    {
        var makers = Makers();
        Assert.Contains(typeof(torch.Tensor).GetMethod("op_Addition", [typeof(torch.Tensor), typeof(torch.Tensor)])!, makers);

        var faults = (
            from method in Methods(typeof(MiniMindLM).Assembly).Concat(Methods(typeof(ReasonDistillTrainer).Assembly))
            from call in Calls(method)
            where IsConversion(call.Callee) ? !Stores.Any(s => Begins(method, call.End, s)) : makers.Contains(call.Callee)
            select $"{method.DeclaringType}.{method.Name} calls {call.Callee}").Distinct().ToList();

        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }

    /// <summary>TorchSharp's methods that make such numbers, and those that call them.</summary>
    private static HashSet<MethodBase> Makers()
    {
        var calls = Methods(typeof(torch).Assembly).Select(m => (Method: m, Callees: Calls(m).Select(c => c.Callee).ToList())).ToList();
        var makers = calls.Where(m => m.Callees.Any(IsConversion) && m.Method.Name != Script).Select(m => m.Method).ToHashSet();
        for (var before = 0; before < makers.Count;)
        {
            before = makers.Count;
            makers.UnionWith(calls.Where(m => m.Callees.Any(makers.Contains) && m.Method.Name != Script).Select(m => m.Method));
        }

        return makers;
    }

    private static IEnumerable<MethodBase> Methods(Assembly assembly) =>
        assembly.GetTypes().SelectMany(t => t.GetMethods(Any).Concat<MethodBase>(t.GetConstructors(Any)));

    private static bool IsConversion(MethodBase method) =>
        method is MethodInfo { Name: "op_Implicit" or "ToScalar" } conversion && conversion.ReturnType == typeof(Scalar);

    private static bool Begins(MethodBase method, int at, OpCode code)
    {
        var il = method.GetMethodBody()!.GetILAsByteArray()!;
        return code.Size == 1 ? il[at] == (byte)code.Value : il[at] == (byte)(code.Value >> 8) && il[at + 1] == (byte)code.Value;
    }

    /// <summary>The calls of a method. Four bytes that follow a byte like a call's and name a method by chance would be one more; none of these is
    /// forbidden by chance.</summary>
    private static IEnumerable<(MethodBase Callee, int End)> Calls(MethodBase method)
    {
        const int methodDefinition = 0x06, memberReference = 0x0A;
        var il = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at + 5 < il.Length; at++)
        {
            var token = BitConverter.ToInt32(il, at + 1);
            if (il[at] != (byte)OpCodes.Call.Value && il[at] != (byte)OpCodes.Callvirt.Value || token >> 24 is not (methodDefinition or memberReference))
                continue;
            if (Resolve(method, token) is { } callee)
                yield return (callee, at + 5);
        }
    }

    private static MethodBase? Resolve(MethodBase method, int token)
    {
        try
        {
            return method.Module.ResolveMethod(
                token,
                method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null,
                method.IsGenericMethod ? method.GetGenericArguments() : null);
        }
        catch (Exception e) when (e is ArgumentException or BadImageFormatException)
        {
            return null;
        }
    }
}
