package org.secateur.profilers.core.nvml;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.util.Arrays;
import java.util.function.Supplier;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/**
 * The functions of NVML by name, each with the arguments of {@code nvml.h}. The library stays loaded as long as this is
 * reachable: JNA shares it between all that ask for it by the same name.
 */
final class NvmlLibrary {
    /** Longer than any name, UUID or version. */
    private static final int TEXT_BYTES = 128;

    private final NativeLibrary library;

    private NvmlLibrary(NativeLibrary library) {
        this.library = library;
    }

    static NvmlLibrary load(String name) {
        try {
            return new NvmlLibrary(NativeLibrary.getInstance(name));
        } catch (UnsatisfiedLinkError e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT,
                    name + " cannot be loaded: there is no NVIDIA driver",
                    name,
                    "install NVIDIA's driver on a GPU machine",
                    e);
        }
    }

    /** Calls a function; one that this version of the library lacks returns {@link NvmlReturn#FUNCTION_NOT_FOUND}. */
    NvmlReturn call(String function, Object... arguments) {
        try {
            return new NvmlReturn(library.getFunction(function).invokeInt(arguments));
        } catch (UnsatisfiedLinkError e) {
            return NvmlReturn.FUNCTION_NOT_FOUND;
        }
    }

    /** The answer of a function that has returned; the value is asked for on success only. */
    static <T> Answer<T> answer(String function, NvmlReturn code, Supplier<T> value) {
        return code.equals(NvmlReturn.SUCCESS) ? new Answer.Value<>(value.get()) : new Answer.Failure<>(function, code);
    }

    /** A function whose last argument is an {@code unsigned int *}. */
    Answer<Long> unsignedInt(String function, Object... arguments) {
        IntByReference result = new IntByReference();
        return answer(
                function, call(function, with(arguments, result)), () -> Integer.toUnsignedLong(result.getValue()));
    }

    /** A function whose last argument is an {@code unsigned long long *}, below 2^63. */
    Answer<Long> unsignedLong(String function, Object... arguments) {
        LongByReference result = new LongByReference();
        return answer(function, call(function, with(arguments, result)), result::getValue);
    }

    /** A function whose last argument is a pointer to a handle. */
    Answer<Pointer> handle(String function, Object... arguments) {
        PointerByReference result = new PointerByReference();
        return answer(function, call(function, with(arguments, result)), result::getValue);
    }

    /** A function whose last arguments are a buffer of characters and its length. */
    Answer<String> text(String function, Object... arguments) {
        try (Memory buffer = new Memory(TEXT_BYTES)) {
            return answer(
                    function, call(function, with(arguments, buffer, TEXT_BYTES)), () -> buffer.getString(0, "UTF-8"));
        }
    }

    private static Object[] with(Object[] arguments, Object... more) {
        Object[] all = Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return all;
    }
}
