package org.secateur.profilers.core.probe;

import com.sun.jna.NativeLibrary;
import java.util.Map;
import java.util.OptionalDouble;

/** NVIDIA's management library: so far only whether it is here. It takes no reading. */
public final class NvmlProbe implements Probe {
    /** The library that NVIDIA's driver installs. */
    public static final String LIBRARY = "libnvidia-ml.so.1";

    private final Status status;

    /** Looks for {@code library}, normally {@link #LIBRARY}. */
    public NvmlProbe(String library) {
        this.status = look(library);
    }

    private static Status look(String library) {
        try (NativeLibrary found = NativeLibrary.getInstance(library)) {
            return new Status.Unavailable(
                    found.getName() + " is here, but this version takes no reading from it",
                    "read clocks and power with nvidia-smi");
        } catch (UnsatisfiedLinkError e) {
            return new Status.Unavailable(
                    library + " cannot be loaded: there is no NVIDIA driver",
                    "install NVIDIA's driver on a GPU machine");
        }
    }

    @Override
    public String id() {
        return "nvml";
    }

    @Override
    public Status status() {
        return status;
    }

    @Override
    public OptionalDouble periodSeconds() {
        return OptionalDouble.empty();
    }

    @Override
    public OptionalDouble callSeconds() {
        return OptionalDouble.empty();
    }

    @Override
    public Map<String, Double> readings() {
        return Map.of();
    }
}
