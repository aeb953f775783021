using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace MiniMind.Training;

/// <summary>Registers options whose class checks itself: when the host starts, and whenever they are asked for.</summary>
internal static class ValidatedOptions
{
    public static void AddValidatedOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(
        this IServiceCollection services, string name, Action<T> validate)
        where T : class
    {
        services.AddOptions<T>(name).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<T>>(new Validator<T>(validate)));
    }

    private sealed class Validator<T>(Action<T> validate) : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            try
            {
                validate(options);
                return ValidateOptionsResult.Success;
            }
            catch (OptionsValidationException e)
            {
                return ValidateOptionsResult.Fail(e.Failures);
            }
        }
    }
}
